"""The explorer page: story, picture, time line, siblings; and the files it gives."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from itertools import pairwise
from typing import Any

import openpyxl
import pikepdf
import pytest

from erp.accounts.models import Site, User
from tests.masterdata.builders import make_item
from tests.traceability.builders import happen, make_lots, make_units, trace
from tests.traceability.test_trace_web import browser, page
from traceability.models import Lot
from traceability.trace import export, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(ada: User, site: Site) -> tuple[Lot, Lot, list[Lot]]:
    """Return a material, the batch made of it, and its two units, which came out of one event."""
    material = make_lots(ada, site, 1, item=make_item(kind="material"))[0]
    batch = make_lots(ada, site, 1, item=make_item(kind="product"))[0]
    units = make_units(ada, site, batch, 2)
    happen(ada, site, [material], units, subjects=[batch])
    return material, batch, units


def test_the_page_tells_the_story_draws_a_picture_and_a_time_line_without_any_script(
    ada: User, chain: tuple[Lot, Lot, list[Lot]]
) -> None:
    material = chain[0]
    text = page(ada, f"?start=lot:{material.pk}&direction=forward")
    for part in ("What happened", "It went into", "Time line", "<svg", "known per lot"):
        assert part in text, part
    assert f"Nothing is recorded about where {material.number} came from." in text
    assert "style=" not in text
    assert "<style" not in text


def test_siblings_are_asked_on_the_page_and_by_api(
    ada: User, chain: tuple[Lot, Lot, list[Lot]]
) -> None:
    material, _batch, (one, two) = chain
    text = page(ada, f"?start=lot:{one.pk}&direction=siblings")
    assert f"What was exposed to the same as unit {one.number}?" in text
    assert f"1 unit shared its exposure, through {material.number} (1)" in text
    shown = page(ada, f"?start=lot:{one.pk}&direction=siblings&why={two.pk}")
    assert "What makes it a sibling" in shown
    few = page(ada, f"?start=lot:{one.pk}&direction=siblings&through=lot:{material.pk}")
    assert "1 of 1" in few
    answer = browser(ada).get(f"/api/v1/trace/?start=lot:{one.pk}&direction=siblings").json()
    assert [n["lot_id"] for n in answer["nodes"] if n["level"]] == [two.pk]
    assert answer["through"][0]["record"] == material.number
    assert answer["through"][0]["siblings"] == 1
    refused = browser(ada).get(f"/api/v1/trace/?start=lot:{one.pk}&direction=siblings&via=x")
    assert (refused.status_code, refused.json()["code"]) == (422, "trace.unknown_exposure")


def test_both_ways_each_lot_stands_once_and_each_membership_is_one_link(
    ada: User, chain: tuple[Lot, Lot, list[Lot]]
) -> None:
    _material, batch, units = chain
    asked = trace(ada, [batch], "both")
    nodes, links = asked.answer().nodes, asked.answer().links
    assert len(nodes) == len({n.lot_id for n in nodes}) == 4
    levels = {n.lot_id: n.level for n in nodes}
    assert {levels[u.pk] for u in units} == {1}, "units stand where goods flow to"
    members = [(k.input_id, k.output_id) for k in links if k.membership]
    assert sorted(members) == sorted((batch.pk, u.pk) for u in units)
    one = {n.lot_id: n.level for n in trace(ada, [units[0]], "both").answer().nodes}
    assert one[batch.pk] == -1, "the lot of a unit stands where it comes from"


def test_a_period_is_refused_where_it_would_narrow_nothing(
    ada: User, chain: tuple[Lot, Lot, list[Lot]]
) -> None:
    client = browser(ada)
    lot = f"start=lot:{chain[0].pk}"
    refused = client.get(f"/api/v1/trace/?{lot}&since=2026-01-01")
    assert (refused.status_code, refused.json()["code"]) == (422, "trace.no_period")
    turned = client.get("/api/v1/trace/?start=person:ada&since=2026-02-01&until=2026-01-01")
    assert (turned.status_code, turned.json()["code"]) == (422, "trace.bad_question")
    assert client.get("/api/v1/trace/?start=person:ada&since=2026-01-01").status_code == 200


def test_a_trace_starts_from_an_item_revision_by_name_or_id(ada: User, site: Site) -> None:
    lot = make_lots(ada, site, 1)[0]
    revision = lot.item.revisions.create(revision="B", state="draft")
    Lot.objects.filter(pk=lot.pk).update(revision=revision)
    for token in (f"item-revision:{lot.item.code} B", f"item-revision:{revision.pk}"):
        answer = browser(ada).get("/api/v1/trace/", {"start": token}).json()
        assert [n["lot_id"] for n in answer["nodes"]] == [lot.pk]
    typed = browser(ada).get("/trace/", {"q": f"{lot.item.code} rev. B"})
    assert (typed.status_code, f"item-revision%3A{revision.pk}" in typed["Location"]) == (302, True)


def test_the_time_line_zooms_from_months_to_a_day_and_loses_nothing(
    ada: User, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.traceability.builders import in_time  # noqa: PLC0415
    from traceability.trace import timeline as module  # noqa: PLC0415

    monkeypatch.setattr(module, "SINGLE", 2)
    lots = make_lots(ada, site, 5)
    for number, (a, b) in enumerate(pairwise(lots)):
        happen(ada, site, [a], [b], at=in_time(2020 + number // 2))
    asked = trace(ada, [lots[0]], "forward")
    whole = module.timeline(asked)
    assert [(p.name, p.count) for p in whole.periods] == [("2020-06", 2), ("2021-06", 2)]
    month = module.timeline(asked, "2020-06")
    assert (month.count, month.total, len(month.events)) == (2, 4, 2)
    assert module.timeline(asked, "2020-99").count == 4, "what is no period is all of the time"
    assert "2020-06" in page(ada, f"?start=lot:{lots[0].pk}&direction=forward&when=2020-06")


def _get(user: User, kind: str, lot: Lot) -> Any:
    answer = browser(user).get(f"/trace/export.{kind}?start=lot:{lot.pk}&direction=forward")
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]


@pytest.mark.urs("TRC-07")
def test_every_file_names_the_question_and_carries_the_hash_of_its_rows(
    ada: User, chain: tuple[Lot, Lot, list[Lot]]
) -> None:
    material = chain[0]
    said = json.loads(_get(ada, "json", material))
    assert said["question"] == f"Where did lot {material.number} go?"
    assert said["asked_by"] == "Ada"
    rows = [json.dumps(row, ensure_ascii=False) for row in (*said["nodes"], *said["links"])]
    assert hashlib.sha256("".join(f"{r}\n" for r in rows).encode()).hexdigest() == said["sha256"]
    book = openpyxl.load_workbook(io.BytesIO(_get(ada, "xlsx", material)))
    cover = {row[0]: row[1] for row in book["Answer"].iter_rows(values_only=True)}
    assert (cover["Question"], cover["SHA-256"]) == (said["question"], said["sha256"])
    assert "Complete" in cover
    assert book["Lots and units"].max_row == 1 + 4
    assert book["Links"].max_row == 1 + len(said["links"])
    text = _get(ada, "csv", material).decode()
    body, _mark, foot = text.partition("\r\n# ")
    assert f"Where did lot {material.number} go?" in foot
    kept = re.search(r"# SHA-256,([0-9a-f]{64})", foot)
    assert kept is not None
    assert kept[1] == hashlib.sha256(f"{body}\r\n".encode()).hexdigest()
    assert len(list(csv.reader(io.StringIO(body)))) == 1 + 4


@pytest.mark.urs("TRC-07")
def test_the_report_prints_a_bounded_table_says_so_and_carries_every_row(
    ada: User, chain: tuple[Lot, Lot, list[Lot]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "ROWS", 2)
    material = chain[0]
    with pikepdf.open(io.BytesIO(_get(ada, "pdf", material))) as pdf:
        copy = json.loads(pdf.attachments["trace.json"].get_file().read_bytes())
        assert pdf.docinfo["/Title"] == f"Where did lot {material.number} go?"
    assert len(copy["nodes"]) == 4
    asked = trace(ada, [material], "forward")
    assert copy["sha256"] == export.digest_of(asked)


def test_no_cell_of_a_workbook_is_a_formula(ada: User, site: Site) -> None:
    lot = make_lots(ada, site, 1, item=make_item(name="=1+1"))[0]
    book = openpyxl.load_workbook(io.BytesIO(_get(ada, "xlsx", lot)))
    cells = [cell for row in book["Lots and units"].iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert any("1+1" in str(cell.value) for cell in cells)
