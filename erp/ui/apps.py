"""Django app of the pages and of the generated doors."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Templates, template tags, static files, adapters."""

    name = "erp.ui"
    label = "ui"
