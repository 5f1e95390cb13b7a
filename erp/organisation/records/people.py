"""People and service accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from erp.accounts.models import RoleAssignment, User
from erp.core.actor import Actor
from erp.core.errors import Text
from erp.organisation.permissions import READ_PEOPLE
from erp.ui.page import Column, Fact, Link, Moment, Pill, Row, Section, Table
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, register, url_of

EVERYWHERE = _("everywhere")


def people_visible_to(actor: Actor) -> QuerySet[User]:
    """Return oneself and, for those who may see people, whoever works at one's sites."""
    rows = User.objects.select_related("home_site")
    if READ_PEOPLE not in actor.grants:
        return rows.filter(pk=actor.user_id)
    if actor.sees_everything:
        return rows
    sites = [s for s in actor.read_sites if s is not None]
    held = RoleAssignment.objects.filter(
        Q(site__in=sites) | Q(company__sites__in=sites), ended_at__isnull=True
    )
    return rows.filter(Q(pk=actor.user_id) | Q(home_site__in=sites) | Q(pk__in=held.values("user")))


def state_of(user: User) -> Pill:
    """Return whether the account is open."""
    if not user.is_active:
        return Pill(_("deactivated"), "draft")
    if user.is_service:
        return Pill(_("service account"), "info")
    return Pill(_("active"), "good")


def _signing(user: User) -> Text:
    if user.is_service or not user.may_sign:
        return _("may not sign")
    return _("not before the password is changed") if user.password_is_temporary else _("may sign")


def _facts(view: View) -> Sequence[Fact]:
    user: User = view.record
    return [
        Fact(_("User name"), Link(user.username, mono=True)),
        Fact(_("E-mail"), user.email or None),
        Fact(
            _("Home site"),
            Link(str(user.home_site), url_of(user.home_site)) if user.home_site else None,
        ),
        Fact(_("Language"), dict(settings.LANGUAGES).get(user.language, user.language)),
        Fact(_("Signing"), _signing(user)),
        Fact(_("Identity verified by, when, how"), user.identity_checked or None),
        Fact(
            _("Password changed"),
            Moment(user.password_changed_at) if user.password_changed_at else None,
        ),
    ]


def scope_of(assignment: RoleAssignment) -> Any:
    """Return where a role is held."""
    if assignment.site is not None:
        return Link(str(assignment.site), url_of(assignment.site))
    if assignment.company is not None:
        return Link(str(assignment.company), url_of(assignment.company))
    return EVERYWHERE


def _roles(view: View) -> Section:
    rows = view.record.assignments.select_related("role", "site", "company").order_by(
        "ended_at", "pk"
    )
    columns = [
        Column("state", _("State"), "state"),
        Column("role", _("Role")),
        Column("scope", _("Where")),
        Column("ended", _("Ended"), "moment"),
    ]
    table = Table(
        columns,
        [
            Row(
                [
                    Pill(_("ended"), "draft") if a.ended_at else Pill(_("held"), "good"),
                    Link(a.role.name, url_of(a.role)),
                    scope_of(a),
                    Moment(a.ended_at) if a.ended_at else "–",
                ]
            )
            for a in view.first(rows)
        ],
        empty=_("No role was granted yet: this account may do nothing."),
    )
    return Section("roles", _("Roles"), table=table)


def _api(user: User) -> Mapping[str, Any]:
    return {
        "username": user.username,
        "name": user.name,
        "active": user.is_active,
        "service": user.is_service,
        "may_sign": user.may_sign,
        "language": user.language,
        "home_site": user.home_site.code if user.home_site else None,
    }


PEOPLE = register(
    RecordKind(
        model="accounts.User",
        noun="people",
        needs="read.people",
        nav="admin",
        icon="users",
        label=_("Person"),
        plural=_("People"),
        rows=people_visible_to,
        columns=[
            ColumnSpec("state", _("State"), state_of, "state"),
            ColumnSpec("username", _("User name"), lambda u: u.username, "mono", sort="username"),
            ColumnSpec("name", _("Printed name"), lambda u: u.name, sort="name"),
            ColumnSpec("site", _("Home site"), lambda u: str(u.home_site) if u.home_site else None),
            ColumnSpec("signing", _("Signing"), _signing),
        ],
        api=_api,
        number=lambda u: u.username,
        title=lambda u: u.name,
        state=state_of,
        facts=_facts,
        sections=(_roles,),
        search=("username", "name", "email"),
        filters=(
            FilterSpec(
                "active",
                _("State"),
                lambda actor: [("True", _("active")), ("False", _("deactivated"))],
                lookup="is_active",
            ),
            FilterSpec(
                "service",
                _("Kind"),
                lambda actor: [("False", _("person")), ("True", _("service account"))],
                lookup="is_service",
            ),
        ),
        scan=("username",),
        order="username",
        empty=_("Nobody you may see works here."),
    )
)
