"""GUDID: the fields of 21 CFR 830.310, in the names of the database's public download."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from traceability.datasheets.declaration import (
    FieldKind,
    SheetColumn,
    SheetField,
    is_no,
    is_yes,
    known,
    number,
    word,
    yes_no,
)
from traceability.datasheets.facts import Facts
from traceability.identifiers.models import DeviceIdentifier, Level
from traceability.identifiers.states import IdentifierState

LAW = "21 CFR 830.310"
SOLD, NOT_SOLD = "In Commercial Distribution", "Not in Commercial Distribution"
TYPES = {
    Level.UNIT_OF_USE: "Unit of Use",
    Level.DIRECT_MARK: "Direct Marking",
    Level.INNER: "Package",
    Level.CASE: "Package",
    Level.PALLET: "Package",
}
"""The database's words for levels; a base package is primary or secondary."""


def _distribution(facts: Facts) -> str | None:
    if facts.withdrawn is None:
        return None
    return NOT_SOLD if facts.withdrawn else SOLD


def _type(row: DeviceIdentifier) -> str:
    if row.level == Level.BASE:
        return "Primary" if row.primary else "Secondary"
    return TYPES[Level(row.level)]


def _identifiers(facts: Facts) -> Sequence[Mapping[str, str]]:
    rows = [_identifier(row) for row in facts.related()]
    earlier = facts.identifier.replaces
    if earlier is not None:
        rows.append({"deviceId": earlier.di, "type": "Previous", "agency": earlier.issuer})
    return rows


def _identifier(row: DeviceIdentifier) -> dict[str, str]:
    told = {"deviceId": row.di, "type": _type(row), "agency": row.issuer}
    if row.contains is not None:
        ended = row.state == IdentifierState.WITHDRAWN
        told |= {
            "contains": row.contains.di,
            "quantity": str(row.contained_quantity),
            "ended": row.withdrawn_on.isoformat() if row.withdrawn_on else "",
            "status": NOT_SOLD if ended else SOLD,
        }
    return told


GUDID_FIELDS: tuple[SheetField, ...] = (
    SheetField("brandName", _("Brand name"), required=True, clause=LAW),
    known(
        "versionModelNumber",
        _("Version or model number"),
        lambda f: f.item.catalogue or None,
        required=True,
        clause=LAW,
    ),
    SheetField("catalogNumber", _("Catalogue number")),
    known(
        "companyName",
        _("Labeler"),
        lambda f: f.item.manufacturer or None,
        required=True,
        clause=LAW,
    ),
    SheetField("labelerContact", _("Contact of the labeler"), required=True, clause=LAW),
    SheetField("deviceDescription", _("Device description")),
    known(
        "identifiers",
        _("Device identifiers"),
        _identifiers,
        kind=FieldKind.ROWS,
        required=True,
        clause=LAW,
        columns=(
            SheetColumn("deviceId", _("Identifier")),
            SheetColumn("type", _("Type"), "deviceIdType"),
            SheetColumn("agency", _("Issuing agency"), "deviceIdIssuingAgency"),
            SheetColumn("contains", _("Contains"), "containsDINumber"),
            SheetColumn("quantity", _("Quantity"), "pkgQuantity"),
            SheetColumn("ended", _("Discontinued"), "pkgDiscontinueDate"),
            SheetColumn("status", _("Status"), "pkgStatus"),
        ),
    ),
    number("deviceCount", _("Devices in the base package"), required=True, clause=LAW),
    yes_no("DMExempt", _("Exempt from direct marking")),
    yes_no("premarketExempt", _("Exempt from premarket submission"), required=True, clause=LAW),
    SheetField(
        "premarketNumbers",
        _("Premarket submission numbers"),
        source=lambda f: f.numbers(["US"]),
        required=True,
        when=is_no("premarketExempt"),
        clause=LAW,
    ),
    SheetField("listingNumber", _("FDA listing number"), required=True, clause=LAW),
    yes_no("deviceHCTP", _("Human cell or tissue product")),
    yes_no("deviceKit", _("Kit")),
    yes_no("deviceCombinationProduct", _("Combination product")),
    yes_no("singleUse", _("Single use")),
    known(
        "lotBatch",
        _("Lot number on the label"),
        lambda f: word(f.by_lot),
        kind=FieldKind.YES_NO,
        required=True,
        clause=LAW,
    ),
    known(
        "serialNumber",
        _("Serial number on the label"),
        lambda f: word(f.by_serial),
        kind=FieldKind.YES_NO,
        required=True,
        clause=LAW,
    ),
    yes_no("manufacturingDate", _("Date of manufacture on the label"), required=True, clause=LAW),
    yes_no(
        "expirationDate",
        _("Expiry date on the label"),
        source=lambda f: word(True if f.item.shelf_life_days else None),
        required=True,
        clause=LAW,
    ),
    yes_no("donationIdNumber", _("Donation number on the label")),
    yes_no(
        "labeledContainsNRL",
        _("Labelled as containing natural rubber latex"),
        required=True,
        clause=LAW,
    ),
    yes_no("labeledNoNRL", _("Labelled as not made with natural rubber latex")),
    SheetField(
        "MRISafetyStatus",
        _("MRI safety"),
        FieldKind.CHOICE,
        required=True,
        clause=LAW,
        choices=(
            ("MR Safe", _("MR safe")),
            ("MR Conditional", _("MR conditional")),
            ("MR Unsafe", _("MR unsafe")),
            (
                "Labeling does not contain MRI Safety Information",
                _("the label does not say"),
            ),
        ),
    ),
    yes_no("rx", _("Prescription use")),
    yes_no("otc", _("Over the counter")),
    SheetField(
        "gmdnTerms",
        _("GMDN terms"),
        FieldKind.ROWS,
        required=True,
        clause=LAW,
        columns=(SheetColumn("term", _("Term")),),
    ),
    SheetField(
        "productCodes",
        _("FDA product codes"),
        FieldKind.ROWS,
        columns=(SheetColumn("code", _("Code")), SheetColumn("name", _("Name"))),
    ),
    SheetField(
        "deviceSizes",
        _("Clinically relevant sizes"),
        FieldKind.ROWS,
        clause=LAW,
        columns=(
            SheetColumn("type", _("Type")),
            SheetColumn("value", _("Value")),
            SheetColumn("unit", _("Unit of measure")),
            SheetColumn("text", _("Size in words")),
        ),
    ),
    SheetField(
        "storageHandling",
        _("Storage and handling"),
        FieldKind.ROWS,
        columns=(
            SheetColumn("type", _("Type")),
            SheetColumn("low", _("From"), "storageHandlingLow.value"),
            SheetColumn("low_unit", _("Unit of measure"), "storageHandlingLow.unit"),
            SheetColumn("high", _("Up to"), "storageHandlingHigh.value"),
            SheetColumn("high_unit", _("Unit of measure"), "storageHandlingHigh.unit"),
            SheetColumn("special", _("Special condition")),
        ),
    ),
    known(
        "deviceSterile",
        _("Packaged sterile"),
        lambda f: word(f.item.sterile),
        kind=FieldKind.YES_NO,
        required=True,
        clause=LAW,
        path="sterilization.deviceSterile",
    ),
    yes_no(
        "sterilizationPriorToUse",
        _("To be sterilised before use"),
        required=True,
        clause=LAW,
        path="sterilization.sterilizationPriorToUse",
    ),
    SheetField(
        "sterilizationMethods",
        _("Methods of sterilisation before use"),
        FieldKind.ROWS,
        when=is_yes("sterilizationPriorToUse"),
        columns=(SheetColumn("method", _("Method")),),
        path="sterilization.methods",
    ),
    known(
        "deviceCommDistributionStatus", _("Commercial distribution"), _distribution, required=True
    ),
    known(
        "deviceCommDistributionEndDate",
        _("End of commercial distribution"),
        lambda f: f.identifier.withdrawn_on.isoformat() if f.identifier.withdrawn_on else None,
        kind=FieldKind.DATE,
    ),
    SheetField("devicePublishDate", _("Publish date"), FieldKind.DATE),
    SheetField(
        "deviceRecordStatus",
        _("State of the record in the database"),
        FieldKind.CHOICE,
        choices=(
            ("Draft", _("draft")),
            ("Unpublished", _("unpublished")),
            ("Published", _("published")),
        ),
    ),
)
