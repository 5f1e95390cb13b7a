"""Draws every page template with believable sample data into var/gallery, for people to look at.

``python tools/gallery.py`` writes one HTML file per page and language and copies the static files
beside them; ``python tools/gallery.py --serve 8765`` also serves them. No database is needed. What
it shows is made up, what it proves is the look: both languages, light, dark, phone and paper.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "var/gallery"
sys.path.insert(0, str(ROOT))

import django  # noqa: E402 - the path comes first
from django.conf import settings  # noqa: E402

settings.configure(
    DEBUG=True,
    SECRET_KEY="gallery",  # noqa: S106 - nothing is signed here
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.humanize",
        "django.contrib.staticfiles",
        "allauth",
        "allauth.account",
        "allauth.mfa",
        "erp.ui",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [ROOT / "templates"],
            "APP_DIRS": True,
            "OPTIONS": {"string_if_invalid": ""},
        }
    ],
    MIDDLEWARE=["allauth.account.middleware.AccountMiddleware"],
    LANGUAGES=[("en", "English"), ("zh-hans", "简体中文")],
    LOCALE_PATHS=[ROOT / "locale"],
    STATIC_URL="/static/",
    USE_TZ=True,
    TIME_ZONE="Asia/Shanghai",
    USE_THOUSAND_SEPARATOR=True,
)
django.setup()

from django import forms  # noqa: E402
from django.template.loader import render_to_string  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import translation  # noqa: E402

from erp.core.errors import Blocked  # noqa: E402
from tools.gallery_samples import (  # noqa: E402
    home_page,
    job_context,
    list_page,
    message_context,
    record,
    release_dialog,
    rows_dialog,
    scan_context,
    shell,
    station_context,
    t,
)

NAMES = """
home scan set_language switch-site alerts integrity profile account_login account_logout
account_signup account_email account_change_password account_reauthenticate mfa_index
mfa_login_webauthn mfa_activate_totp mfa_deactivate_totp mfa_list_webauthn mfa_add_webauthn
mfa_view_recovery_codes mfa_download_recovery_codes mfa_generate_recovery_codes usersessions_list
""".split()  # noqa: SIM905 - a block of names reads better
settings.ROOT_URLCONF = tuple(
    path(f"{name}/", lambda request: request, name=name) for name in NAMES
)


class Login(forms.Form):
    """A stand-in for the sign-in form."""

    login = forms.CharField(label="Username")
    password = forms.CharField(widget=forms.PasswordInput, label="Password")
    remember = forms.BooleanField(required=False, label="Remember me")


class Code(forms.Form):
    """A stand-in for the authenticator form."""

    code = forms.CharField(label="Authenticator code")


def pages() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield file name, template and context of every page in the active language."""
    yield "home", "ui/home.html", {"page": home_page(), "shell": shell("Home")}
    yield "list", "ui/list.html", {"page": list_page()}
    yield "list-empty", "ui/list.html", {"page": list_page(empty=True)}
    yield (
        "record",
        "ui/record.html",
        {
            "page": record(blocked=False),
            "messages": [
                Flash(
                    "success",
                    t("Lot R-1042 was released: 412 units.", "批次 R-1042 已放行：412 件。"),
                )
            ],
        },
    )
    yield "record-blocked", "ui/record.html", {"page": record(blocked=True)}
    yield (
        "record-broken",
        "ui/record.html",
        {"page": record(blocked=True), "shell": shell(broken=True)},
    )
    yield "dialog", "ui/dialog.html", {"dialog": release_dialog()}
    yield "dialog-faults", "ui/dialog.html", {"dialog": release_dialog(faulty=True)}
    yield "dialog-blocked", "ui/dialog.html", {"dialog": release_dialog(blocked=True)}
    yield "dialog-rows", "ui/dialog.html", {"dialog": rows_dialog()}
    yield "scan", "ui/scan.html", scan_context()
    yield "station", "ui/scan_station.html", station_context()
    yield "progress", "ui/progress.html", job_context()
    yield "message", "ui/message.html", message_context()
    refusal = Blocked(blockers=record(blocked=True).actions[0].blockers)
    answer = {"refusal": refusal, "title": refusal.detail, "request_id": "7f3a-1188"}
    yield "refusal", "ui/message.html", answer
    yield "refusal-outside", "ui/message.html", {**answer, "shell": None}
    for code in ("403", "404", "429", "500"):
        yield code, f"{code}.html", {}
    yield "login", "account/login.html", {"form": Login(), "PASSKEY_LOGIN_ENABLED": True}
    yield "login-failed", "account/login.html", {"form": failed_login()}
    yield "logout", "account/logout.html", {}
    yield (
        "reauthenticate",
        "account/reauthenticate.html",
        {
            "form": Code(),
            "reauthentication_alternatives": [
                SimpleNamespace(url="#", description="Use your security key")
            ],
        },
    )
    yield (
        "mfa",
        "mfa/index.html",
        {
            "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
            "is_mfa_enabled": True,
            "authenticators": {"totp": True, "webauthn": [1, 2]},
        },
    )
    yield (
        "totp",
        "mfa/totp/activate_form.html",
        {"form": Code(), "totp_svg_data_uri": "/static/ui/mark.svg"},
    )
    yield "dialog-fragment", "ui/_dialog.html", {"dialog": release_dialog(), "fragment": True}
    yield "job-fragment", "ui/_progress.html", job_context()
    yield "rows-fragment", "ui/_dialog.html", {"dialog": rows_dialog(), "fragment": True}


class Flash:
    """A stand-in for a Django message."""

    def __init__(self, tags: str, text: str) -> None:
        self.tags, self.text = tags, text

    def __str__(self) -> str:
        return self.text


def failed_login() -> Login:
    """Return the sign-in form after a wrong password."""
    form = Login({"login": "ada", "password": "x"})
    form.full_clean()
    form.add_error(None, t("The username or the password is not right.", "用户名或密码不正确。"))
    return form


def write() -> int:
    """Write every page in both languages and return how many there are."""
    OUT.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ROOT / "erp/ui/static", OUT / "static", dirs_exist_ok=True)
    request = SimpleNamespace(get_full_path="/", path="/accounts/2fa/", htmx=False)
    count = 0
    for language, folder in (("en", "en"), ("zh-hans", "zh")):
        (OUT / folder).mkdir(exist_ok=True)
        with translation.override(language):
            for name, template_name, context in pages():
                data = {"shell": shell(), "request": request, "csrf_token": "gallery", **context}
                html = render_to_string(template_name, data)
                (OUT / folder / f"{name}.html").write_text(html, encoding="utf-8")
                count += 1
    return count


def main() -> int:
    """Write the gallery; serve it when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", type=int, metavar="PORT")
    port = parser.parse_args().serve
    sys.stdout.write(f"{write()} pages in {OUT.relative_to(ROOT)}\n")
    if port:
        handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(OUT))
        http.server.ThreadingHTTPServer(("127.0.0.1", port), handler).serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
