"""Languages and time."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.config.settings.env import BASE_DIR, text

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "erp" / "locale"]
LANGUAGE_COOKIE_NAME = "proofline_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = text("PROOFLINE_TIME_ZONE", "UTC")
USE_THOUSAND_SEPARATOR = False
