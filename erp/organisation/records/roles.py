"""Roles: what they allow and who holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from erp.accounts.models import Role
from erp.core.actor import Actor
from erp.organisation.permissions import READ_PEOPLE, title_of
from erp.organisation.records.people import scope_of
from erp.ui.page import Column, Fact, Link, Number, Row, Section, Table
from erp.ui.records import ColumnSpec, RecordKind, View, register, url_of


def _visible(actor: Actor) -> QuerySet[Role]:
    rows = Role.objects.annotate(
        allows=Count("permissions", distinct=True),
        holders=Count("assignments", filter=Q(assignments__ended_at__isnull=True), distinct=True),
    )
    if READ_PEOPLE in actor.grants:
        return rows
    return rows.filter(assignments__user=actor.user_id, assignments__ended_at__isnull=True)


def _facts(view: View) -> Sequence[Fact]:
    return [
        Fact(_("Code"), Link(view.record.code, mono=True)),
        Fact(_("Description"), view.record.description),
    ]


def _permissions(view: View) -> Section:
    codes = sorted(view.record.permissions.values_list("operation", flat=True))
    columns = [Column("title", _("Operation")), Column("code", _("Code"), "mono")]
    rows = [Row([title_of(code), code]) for code in codes]
    table = Table(columns, rows, empty=_("This role allows nothing yet."))
    return Section("permissions", _("What it allows"), table=table, count=len(rows))


def _holders(view: View) -> Section:
    held = view.record.assignments.filter(ended_at__isnull=True).select_related(
        "user", "site", "company"
    )
    columns = [Column("person", _("Person")), Column("where", _("Where"))]
    rows = [
        Row([Link(a.user.name, url_of(a.user)), scope_of(a)]) for a in held.order_by("user__name")
    ]
    return Section(
        "holders", _("Who holds it"), table=Table(columns, rows, empty=_("Nobody holds it."))
    )


def _api(role: Role) -> Mapping[str, Any]:
    codes = role.permissions.values_list("operation", flat=True)
    return {
        "code": role.code,
        "name": role.name,
        "description": role.description,
        "permissions": sorted(codes),
    }


ROLES = register(
    RecordKind(
        model="accounts.Role",
        noun="roles",
        needs="read.people",
        nav="admin",
        icon="users",
        label=_("Role"),
        plural=_("Roles"),
        rows=_visible,
        columns=[
            ColumnSpec("name", _("Name"), lambda r: r.name, sort="name"),
            ColumnSpec("code", _("Code"), lambda r: r.code, "mono", sort="code"),
            ColumnSpec("allows", _("Operations"), lambda r: Number(str(r.allows)), "number"),
            ColumnSpec("holders", _("Holders"), lambda r: Number(str(r.holders)), "number"),
        ],
        api=_api,
        number=lambda r: r.code,
        title=lambda r: r.name,
        facts=_facts,
        sections=(_permissions, _holders),
        search=("code", "name", "description"),
        order="code",
        empty=_("No role was defined yet."),
    )
)
