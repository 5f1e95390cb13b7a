"""Bad input of every kind: a typed refusal in both languages, and no row changed in any table.

Each case is tried in both languages on one plant. What concerns access leaves a row in the security
log; that log and the sessions are the only tables that may grow.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from rest_framework.test import APIClient

from erp.accounts.models import SecurityEvent
from erp.insight.demo import goods
from erp.insight.demo.journey import Journey, Json, signature
from tests.journeys.door import ClientDoor
from tests.journeys.test_main_job import tell

MAY_GROW = {"accounts_securityevent", "django_session"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SMALL_UPLOAD = 20_000


@dataclass(frozen=True)
class Case:
    """One bad call: who, where, what with, and the refusal that must come back."""

    name: str
    who: str
    path: str
    status: int
    code: str
    body: Json | bytes = field(default_factory=dict)
    blocker: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    access: bool = False
    """True where it concerns who may: the security log must say so."""
    file: int = 0
    """Size of an uploaded file."""


@pytest.fixture
def started(journey: Journey) -> Journey:
    """Return a journey with a started order, an expired lot and a held lot in store."""
    tell(journey, until="start production")
    journey.found["expired"] = _expired_lot(journey)
    label = journey.materials[goods.LABEL]["lot"]
    hold = {"cause": "quality", "reason": "Print in doubt"}
    journey.door.post("priya", f"lots/{label['id']}/hold/", hold)
    _receive(journey, "SUP-TITAN", goods.BAR, "WAITS", {"certificate_number": "3.1/9"})
    journey.found["waiting"] = journey.lot("WAITS")
    return journey


def _expired_lot(journey: Journey) -> Json:
    yesterday = (journey.today - dt.timedelta(days=1)).isoformat()
    more = {"certificate_number": "3.1/8", "expires_on": yesterday}
    _receive(journey, "SUP-POUCH", goods.POUCH_B, "EXPIRED", more)
    lot = journey.lot("EXPIRED")
    journey.measure_and_accept(lot)
    body = {"from_location_id": "LUB-QUAR", "to_location_id": "LUB-STORE", "quantity": "5"}
    journey.door.post("maria", f"lots/{lot['id']}/transfer/", body)
    return lot


def _receive(journey: Journey, supplier: str, item: str, number: str, more: Json) -> None:
    due = (journey.today + dt.timedelta(days=7)).isoformat()
    order = journey.door.post(
        "karl",
        "purchase-orders/place/",
        {
            "supplier_id": supplier,
            "site_id": "LUB",
            "lines": [{"item_id": item, "quantity": "5", "due_on": due}],
        },
    )
    line = {"line": 1, "quantity": "5", "number": number, **more}
    path = f"purchase-orders/{order['id']}/receive/"
    journey.door.post("maria", path, {"location_id": "LUB-QUAR", "lines": [line]})


def cases(journey: Journey) -> Iterator[Case]:
    """Yield every kind of bad input that issue 2 names, and some more."""
    yield from _bad_shapes()
    yield from _bad_records(journey)
    yield from _bad_quantities(journey)
    yield from _bad_goods(journey)
    yield from _bad_access(journey)
    yield from _bad_bodies(journey)


def _bad_shapes() -> Iterator[Case]:
    place = "purchase-orders/place/"
    wrong = {"supplier_id": {"a": 1}, "site_id": "LUB", "lines": "none"}
    yield Case("wrong type", "karl", place, 422, "core.invalid_input", wrong)
    unknown = {"supplier_id": "NOBODY", "site_id": "LUB", "lines": []}
    yield Case("unknown record named", "karl", place, 422, "core.invalid_input", unknown)
    yield Case("nothing given", "karl", place, 422, "core.invalid_input")
    deep: Any = "x"
    for _ in range(50):
        deep = [deep]
    nested = {"supplier_id": "SUP-TITAN", "site_id": "LUB", "lines": deep}
    yield Case("nested too deep", "karl", place, 422, "core.invalid_input", nested)


def _bad_records(journey: Journey) -> Iterator[Case]:
    bar = journey.materials[goods.BAR]["lot"]["id"]
    move = _move("1")
    yield Case("unknown id", "maria", "lots/999999999/transfer/", 404, "core.not_found", move)
    big = "lots/99999999999999999999999/transfer/"
    yield Case("id beyond every id", "maria", big, 404, "core.not_found", move)
    path = f"lots/{bar}/transfer/"
    yield Case("other site's id", "lilan", path, 404, "core.not_found", move, access=True)
    stale = {"If-Match": '"999"'}
    yield Case("stale version", "maria", path, 409, "core.stale", move, headers=stale)
    other = {"customer_id": "CUS-LYON", "site_id": "LUB", "lines": _cages(9)}
    key = {"Idempotency-Key": "K-1"}
    take = "sales-orders/take/"
    code = "core.idempotency_mismatch"
    yield Case("key used with other content", "sofia", take, 422, code, other, headers=key)


def _bad_quantities(journey: Journey) -> Iterator[Case]:
    bar = f"lots/{journey.materials[goods.BAR]['lot']['id']}/transfer/"
    pouch = f"lots/{journey.materials[goods.POUCH_B]['lot']['id']}/transfer/"
    for name, quantity in (
        ("negative quantity", "-1"),
        ("no quantity", "0"),
        ("over-precise quantity", "0.0000001"),
        ("quantity that is no number", "NaN"),
        ("quantity beyond all digits", "1" * 40),
    ):
        yield Case(name, "maria", bar, 422, "core.invalid_input", _move(quantity))
    yield Case("half a pouch", "maria", pouch, 422, "inventory.too_fine", _move("0.5"))
    code = "inventory.not_enough_stock"
    yield Case("over balance", "maria", bar, 409, code, _move("5000"), blocker="inventory.short")


def _bad_goods(journey: Journey) -> Iterator[Case]:
    path = f"work-orders/{journey.found['order']['id']}/issue/"
    for name, lot, blocker in (
        ("expired lot", journey.found["expired"], "lot.expired"),
        ("held lot", journey.materials[goods.LABEL]["lot"], "lot.on_hold"),
        ("unreleased lot", journey.found["waiting"], "lot.not_released"),
    ):
        body = {"lot_id": lot["id"], "quantity": "1", "from_location_id": "LUB-STORE"}
        yield Case(name, "jonas", path, 409, "core.blocked", body, blocker=blocker)


def _bad_access(journey: Journey) -> Iterator[Case]:
    waiting = journey.inspection_of(journey.found["waiting"])["id"]
    path = f"inspections/{waiting}/decide/"
    decide = {"decision": "reject", "reason": "No"}
    code = "accounts.signature_missing"
    yield Case("missing signature", "tomas", path, 401, code, decide, access=True)
    wrong = {**decide, "signature": signature("tomas", "wrong")}
    code = "accounts.signature_refused"
    yield Case("wrong password at signing", "tomas", path, 401, code, wrong, access=True)
    other = {**decide, "signature": signature("helena")}
    code = "accounts.signer_is_not_actor"
    yield Case("somebody else's signature", "tomas", path, 403, code, other, access=True)
    code = "core.not_permitted"
    yield Case("wrong person", "jonas", path, 403, code, decide, access=True)
    yield Case("nobody", "", path, 401, "core.not_signed_in", decide)
    token = {"Authorization": "Bearer pl_ffffffff_made_up"}
    code = "core.not_signed_in"
    yield Case("a token that is none", "", path, 401, code, decide, headers=token, access=True)


def _bad_bodies(journey: Journey) -> Iterator[Case]:
    path = "sales-orders/take/"
    for name, body in (
        ("invalid UTF-8", b'{"reference": "\xff\xfe"}'),
        ("broken JSON", b'{"reference": '),
        ("a list instead of an object", b"[1, 2]"),
        ("not a number", b'{"quantity": NaN}'),
        ("the character nought", b'{"reference": "a\\u0000b"}'),
    ):
        yield Case(name, "sofia", path, 400, "core.malformed_body", body)
    huge = b'{"reference": "' + b"x" * 10_000_000 + b'"}'
    yield Case("10 MB of JSON", "sofia", path, 413, "core.body_too_large", huge)
    attach = f"lots/{journey.materials[goods.BAR]['lot']['id']}/attach/"
    code = "core.body_too_large"
    yield Case("oversized upload", "tomas", attach, 413, code, file=SMALL_UPLOAD * 2)


def _move(quantity: str) -> Json:
    return {"from_location_id": "LUB-STORE", "to_location_id": "LUB-QUAR", "quantity": quantity}


def _cages(count: int) -> list[Json]:
    return [{"item_id": goods.CAGE, "quantity": count}]


def row_counts() -> dict[str, int]:
    """Return how many rows every table holds, except those that may grow."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor)) - MAY_GROW
        quote = connection.ops.quote_name
        counts = " UNION ALL ".join(
            f"SELECT '{table}', count(*) FROM {quote(table)}"  # noqa: S608 - our own table names
            for table in sorted(tables)
        )
        cursor.execute(counts)
        return dict(cursor.fetchall())


@pytest.mark.urs("AUD-01", "SEC-01", "SEC-03", "UX-01", "INT-01", "INV-01", "SAL-02")
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_bad_input_is_refused_and_leaves_nothing(
    started: Journey, language: str, settings: Any, subtests: Any
) -> None:
    """Every case: the typed refusal, in the language, logged where it is about access, no trace
    left.
    """
    settings.MAX_UPLOAD_BYTES = SMALL_UPLOAD
    first = {"customer_id": "CUS-KIEL", "site_id": "LUB", "lines": _cages(1)}
    door = ClientDoor(language)
    call(
        door,
        Case("", "sofia", "sales-orders/take/", 0, "", first, headers={"Idempotency-Key": "K-1"}),
    )
    tried = list(cases(started))
    before = row_counts()
    for case in tried:
        with subtests.test(msg=case.name):
            known = SecurityEvent.objects.count()
            answer = call(door, case)
            check(case, answer, language)
            assert row_counts() == before
            if case.access:
                assert SecurityEvent.objects.count() > known, "nothing in the security log"


def call(door: ClientDoor, case: Case) -> Any:
    """Make the call of a case as its person, or as nobody."""
    client = door.client(case.who) if case.who else APIClient()
    client.cookies["proofline_language"] = door.language
    headers: Any = dict(case.headers)
    path = f"/api/v1/{case.path}"
    if case.file:
        file = SimpleUploadedFile("report.pdf", b"%PDF-" + b"x" * case.file, "application/pdf")
        body = {"kind": "report", "title": "Too large", "file": file}
        return client.post(path, body, format="multipart", headers=headers)
    content = case.body if isinstance(case.body, bytes) else json.dumps(case.body)
    return client.post(path, content, content_type="application/json", headers=headers)


def check(case: Case, answer: Any, language: str) -> None:
    """Compare an answer with the refusal that must come back."""
    body = json.loads(answer.content)
    assert (answer.status_code, body.get("code")) == (case.status, case.code), body
    assert answer["Content-Type"] == "application/problem+json"
    if case.blocker:
        assert case.blocker in [b["code"] for b in body["blockers"]]
    if language == "zh-hans":
        assert CHINESE.search(body["title"]), body["title"]
        for part in (*body["blockers"], *({"detail": f["reason"]} for f in body["faults"])):
            assert CHINESE.search(part["detail"]), part["detail"]
