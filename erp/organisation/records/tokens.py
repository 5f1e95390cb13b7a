"""API tokens: whose, for what, until when; never the token itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from erp.accounts.models import ApiToken
from erp.core import clock
from erp.core.actor import Actor
from erp.organisation.permissions import READ_PEOPLE
from erp.organisation.records.people import people_visible_to
from erp.ui.page import Fact, Link, Moment, Pill
from erp.ui.records import ColumnSpec, RecordKind, View, register, url_of


def _visible(actor: Actor) -> QuerySet[ApiToken]:
    rows = ApiToken.objects.select_related("user")
    if READ_PEOPLE not in actor.grants:
        return rows.filter(user=actor.user_id)
    return rows.filter(Q(user__in=people_visible_to(actor).values("pk")))


def _state(token: ApiToken) -> Pill:
    if token.revoked_at:
        return Pill(_("revoked"), "bad")
    return (
        Pill(_("valid"), "good") if token.expires_at > clock.now() else Pill(_("expired"), "draft")
    )


def _facts(view: View) -> Sequence[Fact]:
    token: ApiToken = view.record
    return [
        Fact(_("Account"), Link(token.user.name, url_of(token.user))),
        Fact(_("Begins with"), Link(token.prefix, mono=True)),
        Fact(_("Expires"), Moment(token.expires_at)),
        Fact(_("Revoked"), Moment(token.revoked_at) if token.revoked_at else "–"),
        Fact(_("Scopes"), [Link(str(s), mono=True) for s in token.scopes]),
    ]


def _api(token: ApiToken) -> Mapping[str, Any]:
    return {
        "name": token.name,
        "account": token.user.username,
        "prefix": token.prefix,
        "scopes": token.scopes,
        "expires_at": token.expires_at.isoformat(),
        "revoked_at": token.revoked_at.isoformat() if token.revoked_at else None,
    }


TOKENS = register(
    RecordKind(
        model="accounts.ApiToken",
        noun="tokens",
        needs="read.people",
        nav="admin",
        icon="key",
        label=_("API token"),
        plural=_("API tokens"),
        rows=_visible,
        columns=[
            ColumnSpec("state", _("State"), _state, "state"),
            ColumnSpec("name", _("What it is for"), lambda t: t.name, sort="name"),
            ColumnSpec("account", _("Account"), lambda t: t.user.name),
            ColumnSpec("prefix", _("Begins with"), lambda t: t.prefix, "mono"),
            ColumnSpec(
                "expires", _("Expires"), lambda t: Moment(t.expires_at), "moment", sort="expires_at"
            ),
        ],
        api=_api,
        number=lambda t: t.prefix,
        title=lambda t: t.name,
        state=_state,
        facts=_facts,
        search=("name", "prefix", "user__username"),
        empty=_("No token was issued. Open an account and issue one."),
    )
)
