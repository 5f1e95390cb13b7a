"""Django app of traceability."""

from django.apps import AppConfig


class TraceabilityConfig(AppConfig):
    """Lots, units, events, genealogy."""

    name = "traceability"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register gates, operations, records and trace origins."""
        from traceability import evidence, gates, records, scan, trace_origins  # noqa: F401, PLC0415
        from traceability.corrections import gates as _cg  # noqa: F401, PLC0415
        from traceability.corrections import records as _cr  # noqa: F401, PLC0415
        from traceability.corrections import trace as _ct  # noqa: F401, PLC0415
        from traceability.datasheets import operations  # noqa: F401, PLC0415
        from traceability.datasheets import records as _dr  # noqa: F401, PLC0415
        from traceability.identifiers import operations as _io  # noqa: F401, PLC0415
        from traceability.identifiers import records as _ir  # noqa: F401, PLC0415
        from traceability.labels import delivery as _ld  # noqa: F401, PLC0415
        from traceability.labels import gates as _lg  # noqa: F401, PLC0415
        from traceability.labels import operations as _lo  # noqa: F401, PLC0415
        from traceability.labels import records as _lr  # noqa: F401, PLC0415
        from traceability.packing import records as _pr  # noqa: F401, PLC0415
        from traceability.packing import scan as _ps  # noqa: F401, PLC0415
