"""The frame around every page, as a context processor."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from erp.accounts.queries import sites_visible_to
from erp.core.actor import Actor
from erp.core.errors import NotSignedIn, Text
from erp.ui.page import Choice, NavItem, Shell
from erp.ui.records import KINDS
from erp.ui.request import actor_of

GROUPS: tuple[tuple[str, Text, str], ...] = (
    ("supply", _("Supply"), "truck-delivery"),
    ("stock", _("Stock"), "packages"),
    ("production", _("Production"), "tools"),
    ("quality", _("Quality"), "rosette-discount-check"),
    ("equipment", _("Equipment"), "ruler-measure"),
    ("delivery", _("Delivery"), "truck"),
    ("exchange", _("Exchange"), "arrows-exchange"),
    ("audit", _("Audit"), "shield-check"),
    ("masterdata", _("Master data"), "database"),
    ("admin", _("Administration"), "users"),
)
"""The left rail between Trace and the end, in this order: code, word, icon."""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return ``shell`` for signed-in people; pages before sign-in have only the languages."""
    try:
        actor = actor_of(request)
    except NotSignedIn:
        return {"languages": _languages()}
    sites = list(sites_visible_to(actor).order_by("code"))
    chosen = str(request.session.get("site", ""))
    return {
        "shell": Shell(
            nav=_nav(request, actor),
            sites=[
                Choice("", _("All my sites"), not chosen),
                *(Choice(str(s.pk), s.code, str(s.pk) == chosen) for s in sites),
            ],
            site=next((s.code for s in sites if str(s.pk) == chosen), str(_("All my sites"))),
            languages=_languages(),
            alerts=0,
            person=actor.name,
            initials="".join(word[0] for word in actor.name.split()[:2]).upper(),
            zone=timezone.get_current_timezone_name(),
            integrity=None,
        )
    }


def _languages() -> list[Choice]:
    present = get_language()
    own_names = {"en": "English", "zh-hans": "简体中文"}
    return [
        Choice(code, own_names.get(code, name), code == present)
        for code, name in settings.LANGUAGES
    ]


def _nav(request: HttpRequest, actor: Actor) -> list[NavItem]:
    noun = request.path.strip("/").split("/")[0]
    items = [
        NavItem(_("Home"), "home", "/", request.path == "/"),
        NavItem(_("Trace"), "git-merge", "/trace/", noun == "trace"),
    ]
    for code, label, icon in GROUPS:
        offered = (k for k in KINDS.values() if k.nav == code and k.in_nav)
        kinds = [k for k in offered if not k.needs or actor.may(k.needs)]
        if not kinds:
            continue
        children = [NavItem(k.plural, k.icon, f"/{k.noun}/", k.noun == noun) for k in kinds]
        active = any(c.active for c in children) or any(
            k.nav == code and k.noun == noun for k in KINDS.values()
        )
        items.append(NavItem(label, icon, children[0].url, active, children))
    return items
