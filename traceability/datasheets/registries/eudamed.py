"""EUDAMED: the fields of Regulation (EU) 2017/745, Annex VI, part B."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from traceability.datasheets.declaration import (
    FieldKind,
    SheetColumn,
    SheetField,
    Value,
    is_no,
    known,
    number,
    word,
    yes_no,
)
from traceability.datasheets.facts import Facts
from traceability.identifiers.models import Level

LAW = "MDR Annex VI, B"
MEMBER_STATES = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip


def _status(facts: Facts) -> str | None:
    if facts.withdrawn is None:
        return None
    return "no longer on the market" if facts.withdrawn else "on the market"


def _additional(facts: Facts) -> Sequence[Mapping[str, str]]:
    return [
        {
            "di": row.di,
            "issuer": row.issuer,
            "level": row.level,
            "contains": row.contains.di if row.contains else "",
            "quantity": str(row.contained_quantity or ""),
        }
        for row in facts.related()
        if row.pk != facts.identifier.pk
    ]


def _unit_of_use(facts: Facts) -> Value:
    part = facts.part(Level.UNIT_OF_USE)
    return part.di if part else None


EUDAMED_FIELDS: tuple[SheetField, ...] = (
    SheetField("basicUdiDi", _("Basic UDI-DI"), required=True, clause=LAW),
    known("udiDi", "UDI-DI", lambda f: f.identifier.di, required=True, clause=LAW),
    known("issuer", _("Issuing agency"), lambda f: f.identifier.issuer, required=True, clause=LAW),
    known(
        "additionalDis",
        _("Further identifiers and packages"),
        _additional,
        kind=FieldKind.ROWS,
        clause=LAW,
        columns=(
            SheetColumn("di", _("Identifier")),
            SheetColumn("issuer", _("Issuing agency")),
            SheetColumn("level", _("Packaging level")),
            SheetColumn("contains", _("Contains")),
            SheetColumn("quantity", _("Quantity")),
        ),
    ),
    number("quantityPerPackage", _("Devices in the base package"), required=True, clause=LAW),
    known("unitOfUseDi", _("Unit of use DI"), _unit_of_use, clause=LAW),
    known(
        "piLot",
        _("Lot number on the label"),
        lambda f: word(f.by_lot),
        kind=FieldKind.YES_NO,
        required=True,
        clause=LAW,
    ),
    known(
        "piSerial",
        _("Serial number on the label"),
        lambda f: word(f.by_serial),
        kind=FieldKind.YES_NO,
        required=True,
        clause=LAW,
    ),
    yes_no(
        "piExpiry",
        _("Expiry date on the label"),
        source=lambda f: word(True if f.item.shelf_life_days else None),
        required=True,
        clause=LAW,
    ),
    yes_no("piManufactured", _("Date of manufacture on the label"), required=True, clause=LAW),
    known(
        "manufacturer",
        _("Manufacturer"),
        lambda f: f.item.manufacturer or None,
        required=True,
        clause=LAW,
    ),
    SheetField(
        "singleRegistrationNumber", _("Single registration number"), required=True, clause=LAW
    ),
    yes_no("manufacturerInUnion", _("Manufacturer established in the Union"), required=True),
    SheetField(
        "authorisedRepresentative",
        _("Authorised representative"),
        required=True,
        when=is_no("manufacturerInUnion"),
        clause=LAW,
    ),
    SheetField("emdnCode", _("EMDN code"), required=True, clause=LAW),
    known(
        "riskClass",
        _("Risk class"),
        lambda f: f.item.risk_class or None,
        kind=FieldKind.CHOICE,
        required=True,
        clause=LAW,
        choices=(("I", "I"), ("IIa", "IIa"), ("IIb", "IIb"), ("III", "III")),
    ),
    known("certificates", _("Certificates"), lambda f: f.numbers(MEMBER_STATES)),
    SheetField("tradeName", _("Trade name"), clause=LAW),
    known(
        "model",
        _("Version or model"),
        lambda f: f.item.catalogue or None,
        required=True,
        clause=LAW,
    ),
    SheetField(
        "catalogueNumber",
        _("Reference or catalogue number"),
        source=lambda f: f.item.code,
        clause=LAW,
    ),
    SheetField(
        "clinicalSizes",
        _("Clinically relevant sizes"),
        FieldKind.ROWS,
        clause=LAW,
        columns=(
            SheetColumn("type", _("Type")),
            SheetColumn("value", _("Value")),
            SheetColumn("unit", _("Unit of measure")),
        ),
    ),
    SheetField("description", _("Device description"), clause=LAW),
    SheetField(
        "storage",
        _("Storage and handling"),
        source=lambda f: f.item.storage or None,
        clause=LAW,
    ),
    SheetField("additionalTradeNames", _("Additional trade names"), clause=LAW),
    yes_no("singleUse", _("Single use"), required=True, clause=LAW),
    number("maximumReuses", _("Maximum number of reuses"), when=is_no("singleUse"), clause=LAW),
    known(
        "sterile",
        _("Packaged sterile"),
        lambda f: word(f.item.sterile),
        kind=FieldKind.YES_NO,
        required=True,
        clause=LAW,
    ),
    yes_no("steriliseBeforeUse", _("To be sterilised before use"), required=True, clause=LAW),
    yes_no("containsLatex", _("Contains latex"), required=True, clause=LAW),
    yes_no(
        "containsCmrOrEndocrine",
        _("Labelled for CMR or endocrine-disrupting substances (Annex I, 10.4.5)"),
        required=True,
        clause=LAW,
    ),
    SheetField("informationUrl", _("Address of further information"), clause=LAW),
    SheetField("criticalWarnings", _("Critical warnings or contra-indications"), clause=LAW),
    known("status", _("Status on the market"), _status, required=True, clause=LAW),
)
