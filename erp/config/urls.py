"""All addresses."""

from __future__ import annotations

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from erp.ui.api.views import urls as generated_api
from erp.ui.web import dialogs, health, home, pages, scan, switches

urlpatterns = [
    path("", home.home, name="home"),
    path("health/", health.health, name="health"),
    path("scan/", scan.scan, name="scan"),
    path("switch/site/", switches.switch_site, name="switch-site"),
    path("switch/language/", switches.switch_language, name="set_language"),
    path("do/<str:code>/", dialogs.operate, name="operate"),
    path("do/<str:code>/<int:pk>/", dialogs.operate, name="operate-on"),
    path("accounts/", include("allauth.urls")),
    path("", include("erp.ui.evidence.urls")),
    path("trace/", include("traceability.web.urls")),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/v1/trace/", include("traceability.api.urls")),
    path("api/v1/udi/", include("traceability.api.udi_urls")),
    path("api/v1/", include((generated_api(), "api"))),
    path("<slug:noun>/", pages.list_page, name="list"),
    path("<slug:noun>/<int:pk>/", pages.record_page, name="record"),
]
