"""From a GUDID device record to our records: the identifiers around a device, and its data sheet.

The record's own words are kept; a wrong check character in it is taken over with the warning, for
the labels out there carry it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from traceability.datasheets.models import Registry
from traceability.datasheets.reading import answers_from
from traceability.identifiers.models import DeviceIdentifier, Level

Record = Mapping[str, Any]
PRIMARY, SECONDARY, PACKAGE, UNIT_OF_USE = "Primary", "Secondary", "Package", "Unit of Use"


def primary_of(record: Record) -> Record:
    """Return the identifier that the record is kept under."""
    found: Record = next(i for i in record["identifiers"] if i["deviceIdType"] == PRIMARY)
    return found


def identifier_inputs(item: str, record: Record) -> Iterator[dict[str, Any]]:
    """Yield the input of each identifier, so that what is inside a package comes before it.

    Records are named by number: the door finds them.
    """
    primary = primary_of(record)
    yield _input(item, primary, level=Level.BASE)
    for other in record["identifiers"]:
        if other["deviceIdType"] == SECONDARY:
            yield _input(item, other, level=Level.BASE, primary=False)
        elif other["deviceIdType"] == UNIT_OF_USE:
            more = {"belongs_to_id": primary["deviceId"]}
            yield _input(item, other, level=Level.UNIT_OF_USE, **more)
    yield from _packages(item, record["identifiers"], {primary["deviceId"]})


def _packages(
    item: str, identifiers: Sequence[Record], inside: set[str]
) -> Iterator[dict[str, Any]]:
    level = Level.INNER
    while inside:
        around = [i for i in identifiers if i["containsDINumber"] in inside]
        for package in around:
            yield _input(
                item,
                package,
                level=level,
                contains_id=package["containsDINumber"],
                contained_quantity=int(package["pkgQuantity"]),
            )
        inside, level = {p["deviceId"] for p in around}, Level.CASE


def _input(item: str, identifier: Record, **more: Any) -> dict[str, Any]:
    return {
        "item_id": item,
        "issuer": identifier["deviceIdIssuingAgency"],
        "di": identifier["deviceId"],
        "accept_warning": True,
        **more,
    }


def answers(record: Record) -> dict[str, Any]:
    """Return what the record says of everything that a GUDID data sheet asks of people."""
    return answers_from(Registry.GUDID, record)


def primary_identifier(record: Record) -> DeviceIdentifier:
    """Return the identifier that the record's primary number was registered as."""
    told = primary_of(record)
    return DeviceIdentifier.objects.get(issuer=told["deviceIdIssuingAgency"], di=told["deviceId"])
