"""Django app of quality: one app, three sub-domains, lower ones first."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    """Inspection, nonconformity, release."""

    name = "quality"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register gates, handlers, operations, records and trace origins of every sub-domain."""
        from quality import evidence_checks, trace  # noqa: F401, PLC0415
        from quality.inspection import gates, handlers, operations, records  # noqa: F401, PLC0415
        from quality.nonconformity import gates as _ng  # noqa: F401, PLC0415
        from quality.nonconformity import handlers as _nh  # noqa: F401, PLC0415
        from quality.nonconformity import operations as _no  # noqa: F401, PLC0415
        from quality.nonconformity import records as _nr  # noqa: F401, PLC0415
        from quality.release import operations as _ro  # noqa: F401, PLC0415
        from quality.release import records as _rr  # noqa: F401, PLC0415
