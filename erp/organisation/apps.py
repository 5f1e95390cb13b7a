"""Django app of the organisation's operations."""

from django.apps import AppConfig

from erp.core.registering import register


class OrganisationConfig(AppConfig):
    """People, roles, sites and tokens: operations, records, the role catalogue."""

    name = "erp.organisation"
    label = "organisation"

    def ready(self) -> None:
        """Register operations, records and tasks."""
        register(self.name)
