"""Installed apps, bottom first (the order of ARCHITECTURE.md)."""

from __future__ import annotations

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "pgtrigger",
    "simple_history",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "django_htmx",
    "template_partials",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "erp.core",
    "erp.accounts",
    "audit",
    "erp.ui",
    "erp.organisation",
    "erp.masterdata",
    "traceability",
    "erp.inventory",
    "equipment",
    "procurement",
    "erp.production",
    "erp.sales",
    "quality",
    "erp.insight",
    "erp.config.apps.ConfigConfig",
]

AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# History rows come from PostgreSQL triggers (erp/core/history.py), never from signals.
SIMPLE_HISTORY_ENABLED = False
