"""The pack: everything about a lot in one file that can be checked without this system."""

from __future__ import annotations

import hashlib
import io
import json
import re
from pathlib import Path
from typing import Any

import pypdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit import attachments
from audit.meanings import Meaning
from audit.models import EvidencePack, OperationLog, Signature
from erp.accounts.models import Site, User
from erp.core import outbox
from erp.core.errors import IllegalStep, NotFound
from erp.core.models import OutboxMessage
from erp.inventory.models import Hold
from erp.inventory.operations import hold_lot, release_hold
from erp.operations import REGISTRY
from erp.organisation.installing import load_roles
from erp.ui.evidence import delivery
from erp.ui.evidence.operations import request_pack, store_pack
from erp.ui.records import KINDS
from tests.audit.builders import attach, ready_pack
from tests.conftest import ctx_for, signed
from tests.inventory.builders import lot_in_stock
from tests.traceability.builders import happen, make_lots, make_units
from traceability.models import Lot


@pytest.fixture(autouse=True)
def _store(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def lot(ada: User, ben: User, site: Site) -> Lot:
    """Return a lot with a certificate and a hold that was released with a signature."""
    made = lot_in_stock(ada, site, supplier_lot="供应商批号 77")
    attach(ben, made)
    hold = hold_lot(ctx_for(ben, reason="凹痕"), lot_id=made.pk, cause="quality")
    release_hold(signed(ada, reason="measured again"), hold_id=hold.pk)
    return made


def reader(pack: EvidencePack) -> pypdf.PdfReader:
    """Open the stored file of a pack."""
    return pypdf.PdfReader(io.BytesIO(attachments.path_of(pack.sha256).read_bytes()))


def text(pack: EvidencePack) -> str:
    """Return the printed text of a pack, with line breaks as spaces."""
    return " ".join(" ".join(page.extract_text() for page in reader(pack).pages).split())


def machine_copy(pack: EvidencePack) -> bytes:
    """Return the machine-readable copy inside a pack."""
    (data,) = reader(pack).attachments["evidence.json"]
    return data


@pytest.mark.urs("AUD-04", "AUD-03")
def test_every_signature_is_printed_with_name_time_and_meaning(ada: User, lot: Lot) -> None:
    printed = text(ready_pack(ada, lot))
    signatures = list(Signature.objects.all())
    assert signatures
    for signature in signatures:
        assert signature.printed_name in printed
        assert f"{signature.signed_at:%Y-%m-%d %H:%M:%S} +00:00" in printed
        assert str(Meaning(signature.meaning).label) in printed
        assert signature.statement in printed


@pytest.mark.urs("AUD-04")
def test_chinese_text_prints(ada: User, lot: Lot) -> None:
    printed = text(ready_pack(ada, lot, "zh-hans"))
    assert "供应商批号 77" in printed
    assert "凹痕" in printed


@pytest.mark.urs("AUD-04")
def test_a_pack_is_in_one_language(ada: User, site: Site) -> None:
    """Sentences that are made while reading are in the language of the pack as well."""
    raw, made = make_lots(ada, site, 2)
    happen(ada, site, [raw], [made])
    printed = text(ready_pack(ada, made, "zh-hans"))
    for english in ("Chain backward", "known per lot", "per lot", "Steps that join them"):
        assert english not in printed, english


@pytest.mark.urs("AUD-04", "TRC-03")
def test_what_speaks_against_the_goods_comes_first(ada: User, ben: User, site: Site) -> None:
    (batch,) = make_lots(ada, site, 1, state="quarantine")
    units = make_units(ada, site, batch, 5)
    happen(ada, site, outputs=units, subjects=[batch])
    hold = hold_lot(ctx_for(ben, reason="dose too low"), lot_id=batch.pk, cause="quality")
    pack = ready_pack(ada, batch)
    gaps = json.loads(machine_copy(pack))["gaps"]
    against = [(gap["record"], gap["sentence"]) for gap in gaps if gap["kind"] == "against"]
    said = " ".join(f"{record} {sentence}" for record, sentence in against)
    assert f"on hold ({hold.number}: dose too low)" in said
    assert "quarantine" in said
    assert re.search(r"T-\d+ … T-\d+ \(5\)", said), "said once of all alike"
    kinds = [gap["kind"] for gap in gaps if gap["kind"] in {"against", "missing"}]
    assert kinds == sorted(kinds), "what is only missing comes last"
    printed = text(pack)
    assert "speak against the goods or are still open" in printed
    assert "No evidence check was made" in printed
    assert "Mass balance" in printed


def test_what_befell_other_goods_does_not_speak_against_these(ada: User, site: Site) -> None:
    good, bad = make_lots(ada, site, 2)
    happen(ada, site, outputs=[good, bad])
    Lot.objects.filter(pk=bad.pk).update(state="rejected")
    copy = json.loads(machine_copy(ready_pack(ada, good)))
    assert any(bad.number in json.dumps(record) for record in copy["records"])
    against = [gap["sentence"] for gap in copy["gaps"] if gap["kind"] == "against"]
    assert not [sentence for sentence in against if "rejected" in sentence]


@pytest.mark.urs("AUD-04")
def test_the_hash_on_every_page_is_the_hash_of_the_copy_inside(ada: User, lot: Lot) -> None:
    pack = ready_pack(ada, lot)
    sha256 = hashlib.sha256(machine_copy(pack)).hexdigest()
    for page in reader(pack).pages:
        assert sha256 in "".join(page.extract_text().split())


@pytest.mark.urs("AUD-04")
def test_the_file_is_the_one_recorded_and_is_pdf_a_3(ada: User, lot: Lot) -> None:
    pack = ready_pack(ada, lot)
    data = attachments.path_of(pack.sha256).read_bytes()
    assert hashlib.sha256(data).hexdigest() == pack.sha256
    assert (pack.size, pack.pages) == (len(data), len(reader(pack).pages))
    root: Any = reader(pack).trailer["/Root"]
    metadata = root["/Metadata"].get_object().get_data()
    assert b"pdfaid" in metadata
    assert root["/OutputIntents"]
    assert reader(pack).outline


@pytest.mark.urs("AUD-04")
def test_the_machine_copy_says_the_same_in_full(ada: User, lot: Lot) -> None:
    body = json.loads(machine_copy(ready_pack(ada, lot)))
    first = body["records"][0]
    assert (first["number"], first["data"]["number"]) == (lot.number, lot.number)
    assert first["documents"][0]["intact"]
    assert first["history"]
    held = next(record for record in body["records"] if record["model"] == "inventory.Hold")
    assert held["signatures"][0]["valid"]
    assert held["history"][0]["reason"] == "measured again"


@pytest.mark.urs("AUD-04", "AUD-03")
def test_what_puts_evidence_in_doubt_is_on_the_cover(ada: User, lot: Lot) -> None:
    Hold.objects.update(reason="something else")
    pack = ready_pack(ada, lot)
    kinds = {gap["kind"] for gap in json.loads(machine_copy(pack))["gaps"]}
    assert {"void", "outside"} <= kinds
    printed = text(pack)
    assert "things put evidence in doubt" in printed
    assert "VOID" in printed


@pytest.mark.urs("AUD-04")
def test_a_missing_file_is_named(ada: User, lot: Lot) -> None:
    document = machine_files(lot)[0]
    attachments.path_of(document).unlink()
    gaps = json.loads(machine_copy(ready_pack(ada, lot)))["gaps"]
    assert [gap for gap in gaps if gap["kind"] == "damaged"]


def machine_files(lot: Lot) -> list[str]:
    """Return the hashes of the documents of a lot."""
    from audit.queries import attachments_of  # noqa: PLC0415

    return [a.sha256 for a in attachments_of(lot)]


@pytest.mark.urs("AUD-04")
def test_a_request_is_queued_once_and_delivered_in_the_background(ada: User, lot: Lot) -> None:
    load_roles()
    pack = request_pack(ctx_for(ada), record_id=lot.pk)
    assert pack.state == "queued"
    message = OutboxMessage.objects.get(topic="evidence.render", key=pack.number)
    delivery.deliver(message)
    pack.refresh_from_db()
    assert pack.state == "ready"
    delivery.deliver(message)
    assert OperationLog.objects.filter(code="evidence.store_pack").count() == 1


@pytest.mark.urs("AUD-04")
def test_a_pack_that_cannot_be_made_says_why(
    ada: User, lot: Lot, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_roles()
    pack = request_pack(ctx_for(ada), record_id=lot.pk)
    message = OutboxMessage.objects.get(topic="evidence.render", key=pack.number)
    message.attempts = outbox.MAX_ATTEMPTS

    def broken(_pack: EvidencePack) -> None:
        raise RuntimeError("no font")

    monkeypatch.setattr(delivery, "make", broken)
    with pytest.raises(RuntimeError):
        delivery.deliver(message)
    pack.refresh_from_db()
    assert (pack.state, pack.error) == ("failed", "RuntimeError: no font")


@pytest.mark.urs("AUD-04")
def test_an_issued_pack_is_final(ada: User, lot: Lot) -> None:
    pack = ready_pack(ada, lot)
    with pytest.raises(IllegalStep):
        store_pack(ctx_for(ada), pack_id=pack.pk, sha256="0" * 64, size=1, pages=1)


@pytest.mark.urs("AUD-04", "SEC-01")
def test_a_stranger_gets_neither_pack_nor_file(
    ada: User, dan: User, lot: Lot, client: Client
) -> None:
    with pytest.raises(NotFound):
        request_pack(ctx_for(dan), record_id=lot.pk)
    pack = ready_pack(ada, lot)
    client.force_login(dan)
    for url in (
        f"/evidence/{pack.pk}/",
        f"/evidence/{pack.pk}/file/",
        f"/evidence/{pack.pk}/progress/",
    ):
        assert client.get(url).status_code == 404
    client.force_login(ada)
    assert f"Download {pack.number}" in client.get(f"/evidence/{pack.pk}/").content.decode()
    assert client.get(f"/api/v1/evidence/{pack.pk}/").json()["sha256"] == pack.sha256
    response = client.get(f"/evidence/{pack.pk}/file/")
    assert response["Content-Disposition"] == f'attachment; filename="{pack.number}.pdf"'


@pytest.mark.urs("AUD-04")
def test_the_file_of_a_pack_in_the_making_is_refused(ada: User, lot: Lot, client: Client) -> None:
    pack = request_pack(ctx_for(ada), record_id=lot.pk)
    client.force_login(ada)
    assert 'hx-trigger="every 2s"' in client.get(f"/evidence/{pack.pk}/").content.decode()
    response = client.get(f"/api/v1/evidence/{pack.pk}/file/")
    assert (response.status_code, response.json()["code"]) == (409, "evidence.pack_not_ready")


@pytest.mark.urs("AUD-04")
def test_a_pack_costs_no_query_per_row(ada: User, lot: Lot) -> None:
    load_roles()

    def cost(changes: int) -> int:
        for number in range(changes):
            Lot.objects.filter(pk=lot.pk).update(udi_pi=f"(10){number}")
        asked = request_pack(ctx_for(ada), record_id=lot.pk)
        pack = EvidencePack.objects.select_related("site__company", "requested_by").get(pk=asked.pk)
        with CaptureQueriesContext(connection) as queries:
            delivery.make(pack)
        return len(queries)

    # A pack names the one before it, which is a row of its own.
    cost(1)
    assert cost(1) == cost(30)


@pytest.mark.urs("AUD-04", "TRC-03", "TRC-04")
def test_the_chain_and_the_evidence_about_its_lots_are_in_the_pack(
    ada: User, ben: User, lot: Lot, site: Site
) -> None:
    batch = make_lots(ben, site, 1)[0]
    happen(ben, site, {lot: 12}, {batch: 24})
    body = json.loads(machine_copy(ready_pack(ada, batch)))
    chapters = {chapter["anchor"]: chapter for chapter in body["chapters"]}
    assert lot.number in json.dumps(chapters["backward"]["sections"])
    printed = {(record["model"], record["number"]) for record in body["records"]}
    assert ("traceability.Lot", lot.number) in printed
    assert any(model == "inventory.Hold" for model, _number in printed)
    assert batch.number in json.dumps(json.loads(machine_copy(ready_pack(ada, lot)))["chapters"])


@pytest.mark.urs("AUD-04")
def test_every_kind_with_evidence_can_be_packed_and_documented() -> None:
    subjects = {op.subject for op in REGISTRY.values() if op.creates == "audit.EvidencePack"}
    documented = {
        op.subject for code, op in REGISTRY.items() if code.startswith("evidence.attach_")
    }
    assert {kind.model for kind in KINDS.values() if kind.evidence} <= subjects & documented
