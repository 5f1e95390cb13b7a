"""Django app of people and access."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, roles, sites, tokens and the access log."""

    name = "erp.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to Django's sign-in signals (library facts, not domain rules)."""
        from erp.accounts import sign_in_log  # noqa: F401, PLC0415
