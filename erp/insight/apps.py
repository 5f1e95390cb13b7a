"""Django app of insight."""

from django.apps import AppConfig


class InsightConfig(AppConfig):
    """Figures of the home page, the demonstration plant."""

    name = "erp.insight"
    label = "insight"

    def ready(self) -> None:
        """Offer the figures to the home page."""
        from erp.insight import tiles  # noqa: PLC0415 - models must be loaded first
        from erp.ui.home import add_tiles  # noqa: PLC0415

        for figures in tiles.TILES:
            add_tiles(figures)
