"""Django app of the organisation's operations."""

from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    """People, roles, sites and tokens: operations, records, the role catalogue."""

    name = "erp.organisation"
    label = "organisation"

    def ready(self) -> None:
        """Register operations, records and tasks."""
        from erp.organisation import operations, records, scan  # noqa: F401, PLC0415
