"""NMPA UDID (China). None of these fields was confirmed at its source yet, so none has a clause and
the numbers of choices are to be confirmed as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from erp.core.errors import Text
from traceability.datasheets.declaration import (
    FieldKind,
    SheetColumn,
    SheetField,
    Value,
    is_no,
    is_yes,
    known,
    number,
    word,
    yes_no,
)
from traceability.datasheets.facts import Facts
from traceability.identifiers.models import PACKAGES, Issuer, Level

SYSTEMS = {Issuer.GS1: "GS1", Issuer.MA: "MA码（IDcode）", Issuer.AHM: "AHM"}


def _issuing_system(facts: Facts) -> str:
    issuer = Issuer(facts.identifier.issuer)
    return SYSTEMS.get(issuer, str(issuer.value))


def _accepted_system(value: Value) -> Text | None:
    if value in SYSTEMS.values():
        return None
    return _("China knows GS1, MA and AHM numbers only. Register one of these for the market CN.")


def _part(level: Level) -> Callable[[Facts], Value]:
    def read(facts: Facts) -> Value:
        part = facts.part(level)
        return part.di if part else None

    return read


def _packages(facts: Facts) -> Sequence[Mapping[str, str]]:
    return [
        {
            "di": row.di,
            "level": row.level,
            "quantity": str(row.contained_quantity or ""),
            "contains": row.contains.di if row.contains else "",
        }
        for row in facts.related()
        if row.level in PACKAGES
    ]


NMPA_FIELDS: tuple[SheetField, ...] = (
    known(
        "primaryDi", _("DI of the smallest sales unit"), lambda f: f.identifier.di, required=True
    ),
    known(
        "issuingSystem",
        _("Coding system"),
        _issuing_system,
        required=True,
        check=_accepted_system,
    ),
    number("unitsOfUse", _("Units of use in the smallest sales unit"), required=True),
    known("unitOfUseDi", _("Unit of use DI"), _part(Level.UNIT_OF_USE)),
    SheetField(
        "carrier",
        _("Carrier of the identifier"),
        FieldKind.CHOICE,
        required=True,
        choices=(
            ("1", _("linear bar code")),
            ("2", _("two-dimensional code")),
            ("3", "RFID"),
        ),
    ),
    yes_no("sameAsRegistration", _("Same as in the registration"), required=True),
    known(
        "directMarking",
        _("Marked on the device itself"),
        lambda f: word(f.part(Level.DIRECT_MARK) is not None),
        kind=FieldKind.YES_NO,
        required=True,
    ),
    known("directMarkDi", _("DI on the device itself"), _part(Level.DIRECT_MARK)),
    known(
        "packages",
        _("Package identifiers"),
        _packages,
        kind=FieldKind.ROWS,
        columns=(
            SheetColumn("di", _("Identifier")),
            SheetColumn("level", _("Packaging level")),
            SheetColumn("quantity", _("Quantity")),
            SheetColumn("contains", _("Contains")),
        ),
    ),
    known("productName", _("Product name"), lambda f: f.item.name_zh or None, required=True),
    SheetField("tradeName", _("Trade name")),
    known(
        "model",
        _("Specification or model"),
        lambda f: f.item.catalogue or None,
        required=True,
    ),
    yes_no("isKit", _("Kit or package class"), required=True),
    SheetField("description", _("Product description"), required=True),
    SheetField("catalogueNumber", _("Article number"), source=lambda f: f.item.code),
    SheetField(
        "deviceKind",
        _("Kind of device"),
        FieldKind.CHOICE,
        required=True,
        choices=(
            ("1", _("medical device")),
            ("2", _("in vitro diagnostic reagent")),
        ),
    ),
    SheetField("classificationCode", _("Classification code"), required=True),
    SheetField("registrantZh", _("Registrant or filer (Chinese)"), required=True),
    known(
        "registrantEn",
        _("Registrant or filer (English)"),
        lambda f: f.item.manufacturer or None,
    ),
    SheetField("socialCreditCode", _("Unified social credit code")),
    SheetField(
        "registrationNumber",
        _("Registration or filing number"),
        source=lambda f: f.numbers(["CN"]),
        required=True,
    ),
    SheetField(
        "productCategory",
        _("Product category"),
        FieldKind.CHOICE,
        required=True,
        choices=(("1", _("consumable")), ("2", _("equipment"))),
    ),
    SheetField(
        "mriSafety",
        _("MRI safety"),
        FieldKind.CHOICE,
        required=True,
        choices=(
            ("0", _("MR safe")),
            ("1", _("MR conditional")),
            ("2", _("MR unsafe")),
            ("3", _("the label does not say")),
        ),
    ),
    yes_no("singleUse", _("Single use"), required=True),
    number("maximumReuses", _("Maximum number of reuses"), when=is_no("singleUse")),
    known(
        "sterilePackage",
        _("Packaged sterile"),
        lambda f: word(f.item.sterile),
        kind=FieldKind.YES_NO,
        required=True,
    ),
    yes_no("steriliseBeforeUse", _("To be sterilised before use"), required=True),
    SheetField(
        "sterilisationMethod",
        _("Method of sterilisation"),
        required=True,
        when=is_yes("steriliseBeforeUse"),
    ),
    SheetField("insuranceCode", _("Medical insurance code")),
    known(
        "piLot",
        _("Lot number on the label"),
        lambda f: word(f.by_lot),
        kind=FieldKind.YES_NO,
        required=True,
    ),
    known(
        "piSerial",
        _("Serial number on the label"),
        lambda f: word(f.by_serial),
        kind=FieldKind.YES_NO,
        required=True,
    ),
    yes_no("piManufactured", _("Date of manufacture on the label"), required=True),
    yes_no(
        "piExpiry",
        _("Expiry date on the label"),
        source=lambda f: word(True if f.item.shelf_life_days else None),
        required=True,
    ),
    SheetField("storage", _("Special storage conditions"), source=lambda f: f.item.storage or None),
    SheetField("specialSize", _("Special size")),
    known(
        "withdrawnOn",
        _("End of marketing"),
        lambda f: f.identifier.withdrawn_on.isoformat() if f.identifier.withdrawn_on else None,
        kind=FieldKind.DATE,
    ),
    known("version", _("Version of this sheet"), lambda f: f.sheet.version),
)
