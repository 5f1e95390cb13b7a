"""The hash id of an event: the published vectors, and what the rules are about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.traceability.epcis.builders import observed, transformation
from traceability.epcis.contexts import extensions, namespaces
from traceability.epcis.hash import event_hash, pre_hash
from traceability.epcis.identifiers import as_urn, canonical

VECTORS = Path(__file__).parents[4] / "shared" / "data" / "epcis" / "hash"


def vectors() -> list[Any]:
    """Return the published documents that have an event as JSON."""
    return sorted(VECTORS.glob("*.jsonld")) or [
        pytest.param(None, marks=pytest.mark.skip(reason="the published vectors are not here"))
    ]


@pytest.mark.urs("EPC-02")
@pytest.mark.parametrize("path", vectors(), ids=lambda p: p.stem if p else "none")
def test_the_published_vectors_come_out(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    spaces = namespaces(extensions(document["@context"]))
    events = document["epcisBody"]["eventList"]
    wanted = path.with_suffix(".hashes").read_text(encoding="utf-8").split()
    assert [event_hash(e, spaces) for e in events] == wanted


def test_order_form_and_zone_do_not_change_the_hash() -> None:
    event = transformation(outputEPCList=["urn:epc:id:sgtin:4012345.033333.U1", "urn:x:2"])
    turned = dict(reversed(list(event.items())))
    turned["outputEPCList"] = ["urn:x:2", "https://acme.example/01/4012345333336/10/B/21/U1?x=1"]
    turned["eventTime"] = "2026-01-14T07:00:00Z"
    turned["bizStep"] = "urn:epcglobal:cbv:bizstep:commissioning"
    turned |= {"eventID": "urn:uuid:1", "recordTime": "2026-01-01T00:00:00Z"}
    assert event_hash(turned, {}) == event_hash(event, {})


def test_what_happened_changes_the_hash() -> None:
    event = observed()
    others = [
        observed("U2"),
        observed(bizStep="receiving"),
        observed(eventTimeZoneOffset="+02:00"),
        observed(eventTime="2026-01-15T08:00:00.001+01:00"),
        {**event, "ex:field": "1"},
    ]
    assert len({event_hash(e, {"ex": "https://x.example/"}) for e in [event, *others]}) == 6


def test_instants_round_half_up_to_milliseconds() -> None:
    assert "eventTime=2026-01-15T07:00:00.001Z" in pre_hash(
        observed(eventTime="2026-01-15T08:00:00.0005+01:00"), {}
    )
    assert "eventTime=2026-01-15T07:00:01.000Z" in pre_hash(
        observed(eventTime="2026-01-15T08:00:00.9999+01:00"), {}
    )


@pytest.mark.parametrize(
    ("urn", "link"),
    [
        ("urn:epc:id:sgtin:4012345.011111.987", "/01/04012345111118/21/987"),
        ("urn:epc:id:sgtin:0614141.107346.2017", "/01/10614141073464/21/2017"),
        ("urn:epc:class:lgtin:4012345.022222.87545GHGH", "/01/04012345222227/10/87545GHGH"),
        ("urn:epc:idpat:sgtin:4012345.044444.*", "/01/04012345444445"),
        ("urn:epc:id:sscc:4012345.0000000111", "/00/040123450000001112"),
        ("urn:epc:id:sgln:4012345.00011.987", "/414/4012345000115/254/987"),
        ("urn:epc:id:sgln:4012345.00005.0", "/414/4012345000054"),
        ("urn:epc:id:pgln:4012345.00000", "/417/4012345000009"),
    ],
)
def test_urn_and_digital_link_name_the_same(urn: str, link: str) -> None:
    address = f"https://id.gs1.org{link}"
    assert canonical(urn) == address
    assert canonical(address) == address
    assert as_urn(address, lambda key: 7) == urn
    assert as_urn(address, lambda key: None) == address


@pytest.mark.parametrize(
    "text",
    [
        "urn:epc:id:sgtin:4012345.0111.987",
        "urn:epc:id:sgtin:401.011111.9",
        "urn:epc:id:nothing:1.2.3",
        "http://transaction.acme.com/po/12345678",
        "not an address",
        "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
    ],
)
def test_what_is_no_gs1_identifier_has_no_canonical_form(text: str) -> None:
    assert canonical(text) is None
