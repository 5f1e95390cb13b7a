"""Pages and API forms of device identifiers, and what items show of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp.core.actor import Actor
from erp.core.errors import Text
from erp.ui.page import Column, Fact, Link, Number, Pill, Row, Section, Table
from erp.ui.records import (
    ColumnSpec,
    FilterSpec,
    RecordKind,
    View,
    add_badges,
    add_facts,
    add_section,
    register,
)
from traceability.identifiers import packaging
from traceability.identifiers.models import DeviceIdentifier, Issuer, Level
from traceability.identifiers.packaging import Nested
from traceability.identifiers.queries import identifiers_of
from traceability.identifiers.states import IDENTIFIER, IdentifierState

REGISTER = "traceability.register_identifier"
INDENT, BRANCH = "\u00a0" * 3, "└ "
"""Spaces that a page does not fold, and the mark of what lies inside."""


def identifier_pill(identifier: DeviceIdentifier) -> Pill:
    """Return the state of an identifier."""
    state = IdentifierState(identifier.state)
    return Pill(IDENTIFIER.labels[state], IDENTIFIER.tones[state])


def identifier_link(identifier: DeviceIdentifier) -> Link:
    """Return the link to an identifier by its number."""
    return Link(identifier.di, f"/device-identifiers/{identifier.pk}/", mono=True)


def identifiers(actor: Actor) -> QuerySet[DeviceIdentifier]:
    """Return the identifiers with all that pages show of them."""
    return DeviceIdentifier.objects.visible_to(actor).select_related(
        "item", "revision", "contains", "belongs_to", "replaces", "registered_by"
    )


def market_words(identifier: DeviceIdentifier) -> Text:
    """Return the market, or that there is no particular one."""
    return identifier.market or _("all markets")


def _item_link(identifier: DeviceIdentifier) -> Link:
    return Link(identifier.item.code, f"/items/{identifier.item_id}/", mono=True)


def _contents(identifier: DeviceIdentifier) -> Sequence[Any] | None:
    if identifier.contains is None:
        return None
    count = Number(str(identifier.contained_quantity), "×")
    return [count, identifier_link(identifier.contains)]


def _facts(view: View) -> Sequence[Fact]:
    i: DeviceIdentifier = view.record
    facts = [
        Fact(_("Item"), [_item_link(i), i.item.name]),
        Fact(_("From revision"), i.revision.revision if i.revision else _("the first")),
        Fact(_("Packaging level"), i.get_level_display()),
        Fact(_("Market"), market_words(i)),
        Fact(_("Issuing agency"), i.get_issuer_display()),
        Fact(_("On the label"), _("yes") if i.primary else _("no, kept beside it")),
        Fact(_("Valid from"), str(i.valid_from) if i.valid_from else None),
        Fact(_("Registered by"), str(i.registered_by) if i.registered_by else None),
    ]
    further = [
        (_("Contains"), _contents(i)),
        (_("Belongs to"), identifier_link(i.belongs_to) if i.belongs_to else None),
        (_("Replaces"), identifier_link(i.replaces) if i.replaces else None),
        (_("Identifier before relabelling"), i.prior_di or None),
        (_("Length of the GS1 company prefix"), i.company_prefix_length),
        (_("Withdrawn on"), str(i.withdrawn_on) if i.withdrawn_on else None),
    ]
    return [*facts, *(Fact(label, value) for label, value in further if value)]


def _warning(view: View) -> Sequence[Pill]:
    if not view.record.check_accepted:
        return []
    title = _("The check character is wrong or doubtful; whoever registered it accepted that.")
    return [Pill(_("check character accepted"), "waiting", title)]


add_badges("traceability.DeviceIdentifier", _warning)


PACKAGING_COLUMNS = [
    Column("state", _("State"), "state"),
    Column("di", "UDI-DI", "mono"),
    Column("level", _("Packaging level")),
    Column("market", _("Market")),
    Column("issuer", _("Issuing agency")),
    Column("revision", _("From revision")),
    Column("contains", _("Contains")),
    Column("units", _("Base packages"), "number"),
]


def _nested_row(nested: Nested) -> Row:
    i = nested.identifier
    mark = INDENT * (nested.depth - 1) + BRANCH if nested.depth else ""
    contents = f"{i.contained_quantity} × {i.contains.di}" if i.contains else "–"
    return Row(
        [
            identifier_pill(i),
            Link(f"{mark}{i.di}", f"/device-identifiers/{i.pk}/", mono=True),
            i.get_level_display(),
            market_words(i),
            i.issuer if i.primary else [i.issuer, _("secondary")],
            i.revision.revision if i.revision else "–",
            contents,
            Number(str(nested.base_units)) if i.level in packaging.RANK else "–",
        ],
        f"/device-identifiers/{i.pk}/",
    )


def _family(item_id: int) -> list[DeviceIdentifier]:
    rows = DeviceIdentifier.objects.filter(item_id=item_id)
    return list(rows.select_related("revision", "contains").order_by("pk"))


def _packaging(view: View) -> Section:
    nested = list(packaging.tree(_family(view.record.item_id)))
    table = Table(PACKAGING_COLUMNS, [_nested_row(n) for n in nested])
    note = _("All identifiers of the item, from the largest package down to the single use.")
    return Section("packaging", _("Packaging"), table=table, count=len(nested), note=note)


def _of_item(view: View) -> Section | None:
    """Show the identifiers of an item; a device without one is told how it gets one."""
    nested = list(packaging.tree(_family(view.record.pk)))
    if not nested and view.record.kind != "product":
        return None
    more = None
    if view.actor.may(REGISTER) and not view.full:
        url = f"/do/{REGISTER}/?item_id={view.record.code}"
        more = Link(_now("Register a device identifier"), url)
    empty = _(
        "No device identifier yet. Each version, package and market that is labelled apart needs"
        " one."
    )
    table = Table(PACKAGING_COLUMNS, [_nested_row(n) for n in nested], empty, more)
    return Section("identifiers", _("Device identifiers"), table=table, count=len(nested))


add_section("masterdata.Item", 40, _of_item)


def _item_facts(view: View) -> Sequence[Fact]:
    """Show the identifiers on labels of base packages among the facts of an item."""
    rows = identifiers_of([view.record.pk]).get(view.record.pk, [])
    on_labels = [
        identifier_link(row)
        for row in rows
        if row.level == Level.BASE and row.state == IdentifierState.ACTIVE
    ]
    return [Fact("UDI-DI", on_labels or None)] if view.record.kind == "product" else []


add_facts("masterdata.Item", _item_facts)


def identifier_api(identifier: DeviceIdentifier) -> dict[str, Any]:
    """Return the JSON form of an identifier."""
    i = identifier
    return {
        "di": i.di,
        "issuer": i.issuer,
        "state": i.state,
        "item": i.item.code,
        "item_id": i.item_id,
        "revision": i.revision.revision if i.revision else None,
        "level": i.level,
        "market": i.market,
        "primary": i.primary,
        "company_prefix_length": i.company_prefix_length,
        "check_accepted": i.check_accepted,
        "contains": i.contains.di if i.contains else None,
        "contains_id": i.contains_id,
        "contained_quantity": i.contained_quantity,
        "belongs_to": i.belongs_to.di if i.belongs_to else None,
        "replaces": i.replaces.di if i.replaces else None,
        "prior_di": i.prior_di,
        "valid_from": i.valid_from.isoformat() if i.valid_from else None,
        "withdrawn_on": i.withdrawn_on.isoformat() if i.withdrawn_on else None,
    }


register(
    RecordKind(
        model="traceability.DeviceIdentifier",
        noun="device-identifiers",
        nav="masterdata",
        icon="barcode",
        label=_("device identifier"),
        plural=_("Device identifiers"),
        rows=identifiers,
        number=lambda i: i.di,
        title=lambda i: i.item.name,
        state=identifier_pill,
        columns=[
            ColumnSpec("state", _("State"), identifier_pill, "state"),
            ColumnSpec("di", "UDI-DI", identifier_link, "mono", "di"),
            ColumnSpec("item", _("Item"), _item_link, "mono", "item__code"),
            ColumnSpec("name", _("Name"), lambda i: i.item.name),
            ColumnSpec("level", _("Packaging level"), lambda i: i.get_level_display()),
            ColumnSpec("contains", _("Contains"), _contents),
            ColumnSpec("market", _("Market"), market_words, sort="market"),
            ColumnSpec("issuer", _("Issuing agency"), lambda i: i.issuer, sort="issuer"),
            ColumnSpec(
                "revision",
                _("From revision"),
                lambda i: i.revision.revision if i.revision else "–",
            ),
        ],
        facts=_facts,
        sections=[_packaging],
        search=("di", "item__code", "item__name", "item__name_zh"),
        filters=[
            FilterSpec("state", _("State"), lambda a: IDENTIFIER.choices(), "state"),
            FilterSpec("level", _("Packaging level"), lambda a: Level.choices, "level"),
            FilterSpec("issuer", _("Issuing agency"), lambda a: Issuer.choices, "issuer"),
            FilterSpec(
                "check",
                _("Check character"),
                lambda a: [("accepted", _("accepted with a warning"))],
                apply=lambda rows, value: rows.filter(check_accepted=value == "accepted"),
            ),
        ],
        scan=("di",),
        order="di",
        api=identifier_api,
        empty=_(
            "Every UDI-DI ever given stands here: which device, version, package and market it"
            " stands for. Register the first one."
        ),
        evidence=True,
    )
)
