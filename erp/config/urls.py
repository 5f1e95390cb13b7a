"""All addresses."""

from __future__ import annotations

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from erp.ui.api.views import urls as generated_api
from erp.ui.web import dialogs, health, home, pages, scan, switches
from traceability.epcis.api.resources import Top
from traceability.epcis.web import captured_document, export_epcis

urlpatterns = [
    path("", home.home, name="home"),
    path("health/", health.health, name="health"),
    path("scan/", scan.scan, name="scan"),
    path("switch/site/", switches.switch_site, name="switch-site"),
    path("switch/language/", switches.switch_language, name="set_language"),
    path("do/<str:code>/", dialogs.operate, name="operate"),
    path("do/<str:code>/<int:pk>/", dialogs.operate, name="operate-on"),
    # People are made, mailed and given passwords by operations; the library's own ways are shut.
    re_path(r"^accounts/(signup|email|confirm-email|password/(re)?set)\b", switches.shut),
    path("accounts/", include("allauth.urls")),
    path("", include("erp.ui.evidence.urls")),
    path("", include("traceability.labels.urls")),
    path("", include("traceability.datasheets.urls")),
    path("", include("traceability.completeness.urls")),
    path("trace/", include("traceability.web.urls")),
    path("trace/", include("traceability.saved.urls")),
    path("trace/export.epcis.json", export_epcis, name="trace-epcis"),
    path("captures/<int:pk>/document.json", captured_document, name="captured-document"),
    path("epcis", Top.as_view()),
    path("epcis/", include("traceability.epcis.api.urls")),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/v1/trace/", include("traceability.api.urls")),
    path("api/v1/trace/", include("traceability.saved.api_urls")),
    path("api/v1/udi/", include("traceability.api.udi_urls")),
    path("api/v1/", include((generated_api(), "api"))),
    path("<slug:noun>/", pages.list_page, name="list"),
    path("<slug:noun>/<int:pk>/", pages.record_page, name="record"),
]
