"""Mending evidence: by a further event, signed, resting on a document, never by an edit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from audit.models import Attachment, Signature
from erp.accounts.errors import SignatureMissing
from erp.accounts.models import Site, User
from erp.core import clock
from erp.core.errors import IllegalStep, InvalidInput, NotFound, SamePerson
from tests.completeness.builders import attach, check, finding, open_on
from tests.completeness.test_checks import (
    PLANTED,
    dangling,
    made_of_nothing,
    material,
    unbalanced,
    without_expiry,
)
from tests.conftest import ctx_for, make_person, signed
from tests.traceability.builders import happen, make_lots, recorded_when_told, trace
from traceability.completeness.errors import (
    DocumentMissing,
    OutOfOrder,
    RepairedAlready,
    WrongRepair,
)
from traceability.completeness.models import Finding, Repair
from traceability.completeness.operations import (
    assign_finding,
    check_lot,
    explain_finding,
    record_missing_material,
    record_missing_origin,
)
from traceability.models import Lot, TraceEvent
from traceability.trace.balance import balance
from traceability.trace.words import summary

pytestmark = pytest.mark.django_db

YESTERDAY = dt.timedelta(days=1)
SOURCE = "Delivery note 4711 of the supplier"


@pytest.fixture
def eva(db: None) -> User:
    """Eva judges evidence; she recorded nothing of it."""
    return make_person(
        "eva",
        may=[
            "traceability.explain_finding",
            "traceability.record_missing_origin",
            "traceability.record_missing_material",
            "traceability.assign_finding",
            "evidence.attach_finding_document",
        ],
    )


def found(ada: User, site: Site, code: str) -> Finding:
    """Plant broken evidence, search for it, and return the finding with a document attached."""
    lot = PLANTED[code][0](ada, site)
    check(ada)
    one = finding(lot, code)
    attach(ada, one)
    return one


def origin(user: User, one: Finding, **more: Any) -> Finding:
    """Record the missing origin of what a finding is about."""
    values = {
        "how": "receiving",
        "happened_at": clock.now() - YESTERDAY,
        "quantity": "5",
        "known_from": SOURCE,
        **more,
    }
    return record_missing_origin(signed(user), finding_id=one.pk, **values)


def test_an_origin_recorded_afterwards_mends_the_chain_and_the_balance(
    ada: User, eva: User, site: Site
) -> None:
    one = found(ada, site, "used_without_origin")
    origin(eva, one)
    one.refresh_from_db()
    assert one.state == "repaired"
    repair = Repair.objects.get(finding=one)
    assert repair.source == SOURCE
    assert repair.event.performed_by == eva
    assert repair.event.note.startswith(one.number)
    assert open_on(one.lot) & {"used_without_origin", "quantity_gap"} == set()


@pytest.mark.urs("TRC-08")
def test_a_trace_as_known_before_the_repair_still_shows_the_gap(
    ada: User, eva: User, site: Site
) -> None:
    one = found(ada, site, "made_without_material")
    source = material(ada, site)
    happen(ada, site, subjects=[source], kind="object", at=clock.now())
    before = clock.now()
    with recorded_when_told():
        mend(eva, one, {source: 1}, happened_at=clock.now())
    now = trace(ada, [one.lot], "backward")
    then = trace(ada, [one.lot], "backward", as_known_at=before)
    assert source.pk in now.reach.ids
    assert source.pk not in then.reach.ids
    assert any(s.code == "repairs" for s in now.facets())


def mend(user: User, one: Finding, used: dict[Lot, int], **more: Any) -> Finding:
    """Record what went into the lot of a finding."""
    lines = [{"lot_id": lot.pk, "quantity": str(q)} for lot, q in used.items()]
    return record_missing_material(
        signed(user), finding_id=one.pk, lines=lines, known_from=SOURCE, **more
    )


def test_material_recorded_afterwards_does_not_make_the_lot_once_more(
    ada: User, eva: User, site: Site
) -> None:
    source = material(ada, site)
    one = found(ada, site, "made_without_material")
    made = balance([one.lot_id])[0].figures["made"]
    mend(eva, one, {source: 2})
    one.refresh_from_db()
    assert one.state == "repaired"
    assert balance([one.lot_id])[0].figures["made"] == made
    assert balance([source.pk])[0].figures["consumed"] == 2
    # The books of the material still hold what was used: that is a gap, and is shown.
    assert "quantity_gap" in open_on(source)


def test_a_repair_is_signed_and_the_signature_binds_the_event_and_the_document(
    ada: User, eva: User, site: Site
) -> None:
    one = found(ada, site, "used_without_origin")
    with pytest.raises(SignatureMissing):
        record_missing_origin(
            ctx_for(eva),
            finding_id=one.pk,
            how="receiving",
            happened_at=clock.now() - YESTERDAY,
            quantity="5",  # type: ignore[arg-type]
            known_from=SOURCE,
        )
    # A test is one transaction, and the database tells its beginning as the time of the record.
    with recorded_when_told():
        origin(eva, one)
    signature = Signature.objects.get(subject_pk=str(one.pk))
    assert signature.content["source"] == SOURCE
    assert signature.content["outputs"] == [[one.lot_id, "5"]]
    assert signature.content["documents"] == [Attachment.objects.get().sha256]
    attach(ada, one, title="Found later")
    page = browser(ada).get(f"/evidence-findings/{one.pk}/").content.decode()
    assert "is-void" not in page


def browser(user: User) -> Client:
    """Return a browser in which this person is signed in."""
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("repair", ["origin", "explain"])
def test_without_a_document_nothing_is_mended(
    repair: str, ada: User, eva: User, site: Site
) -> None:
    lot = dangling(ada, site)
    check(ada)
    one = finding(lot, "used_without_origin")
    events = TraceEvent.objects.count()
    with pytest.raises(DocumentMissing):
        origin(eva, one) if repair == "origin" else explain(eva, one)
    assert TraceEvent.objects.count() == events
    page = browser(eva).get(f"/evidence-findings/{one.pk}/").content.decode()
    assert "Attach the document" in page


def explain(user: User, one: Finding, why: str = "The supplier no longer exists.") -> Finding:
    """Explain a finding."""
    return explain_finding(signed(user, reason=why), finding_id=one.pk)


def test_an_explanation_closes_the_finding_and_the_next_check_leaves_it(
    ada: User, eva: User, site: Site
) -> None:
    one = found(ada, site, "used_without_origin")
    explain(eva, one)
    one.refresh_from_db()
    assert (one.state, one.explanation) == ("explained", "The supplier no longer exists.")
    assert Repair.objects.get(finding=one).event.subjects.get().lot_id == one.lot_id
    check(ada)
    assert "used_without_origin" not in open_on(one.lot)


def test_what_grows_after_it_was_explained_is_found_anew(ada: User, eva: User, site: Site) -> None:
    lot = unbalanced(ada, site)
    check(ada)
    one = finding(lot, "quantity_gap")
    attach(ada, one)
    explain(eva, one)
    product = make_lots(ada, site, 1, state="quarantine")[0]
    happen(ada, site, {lot: 2}, {product: 1})
    check(ada)
    assert finding(lot, "quantity_gap").pk != one.pk


def test_who_recorded_the_original_does_not_explain_it(ada: User, site: Site) -> None:
    for code in ("used_without_origin", "recorded_before_happening"):
        one = found(ada, site, code)
        with pytest.raises(SamePerson):
            explain(ada, one)


def test_who_made_the_lot_does_not_add_what_went_into_it(ada: User, site: Site) -> None:
    source = material(ada, site)
    one = found(ada, site, "made_without_material")
    with pytest.raises(SamePerson):
        mend(ada, one, {source: 1})


def test_an_explanation_needs_its_reason(ada: User, eva: User, site: Site) -> None:
    one = found(ada, site, "used_without_origin")
    with pytest.raises(InvalidInput):
        explain(eva, one, why="  ")


def test_an_origin_in_the_future_or_after_the_first_use_is_refused(
    ada: User, eva: User, site: Site
) -> None:
    one = found(ada, site, "used_without_origin")
    for at in (clock.now() + YESTERDAY, clock.now()):
        with pytest.raises(OutOfOrder):
            origin(eva, one, happened_at=at)
    assert not Repair.objects.exists()


def test_material_that_came_in_later_or_is_the_lot_itself_is_refused(
    ada: User, eva: User, site: Site
) -> None:
    one = found(ada, site, "made_without_material")
    late = material(ada, site)
    for wrong in (late, one.lot, one.lot.batch):
        with pytest.raises(OutOfOrder):
            mend(eva, one, {wrong: 1})  # type: ignore[dict-item]


def test_a_repair_that_does_not_mend_leaves_the_finding_open_and_is_made_once(
    ada: User, eva: User, site: Site
) -> None:
    one = found(ada, site, "made_by_void_event")
    # A receipt of less than was used: the chain has its origin, the balance its gap.
    origin(eva, one, quantity="3")
    one.refresh_from_db()
    assert one.state == "repaired"
    assert "quantity_gap" in open_on(one.lot)
    with pytest.raises(IllegalStep):
        origin(eva, one)


def test_the_wrong_kind_of_repair_is_refused_by_name(ada: User, eva: User, site: Site) -> None:
    one = found(ada, site, "expiry_missing")
    with pytest.raises(WrongRepair):
        origin(eva, one)


def test_the_same_repair_is_not_recorded_twice(ada: User, eva: User, site: Site) -> None:
    one = found(ada, site, "used_without_origin")
    event = happen(ada, site, subjects=[one.lot], kind="object")
    Repair.objects.create(finding=one, event=event, kind="origin", source="earlier")
    with pytest.raises(RepairedAlready):
        origin(eva, one)


def test_a_unit_is_one(ada: User, eva: User, site: Site) -> None:
    one = found(ada, site, "unit_without_making")
    with pytest.raises(OutOfOrder):
        origin(eva, one, how="commissioning", quantity="2")
    origin(eva, one, how="commissioning", quantity="1")
    one.refresh_from_db()
    assert one.state == "repaired"


def test_a_final_finding_is_not_repaired_explained_or_assigned(
    ada: User, eva: User, site: Site
) -> None:
    one = found(ada, site, "used_without_origin")
    explain(eva, one)
    steps: tuple[Callable[[], Finding], ...] = (
        lambda: explain(eva, one),
        lambda: origin(eva, one),
        lambda: give(ada, one, eva),
    )
    for step in steps:
        with pytest.raises(IllegalStep):
            step()


def give(user: User, one: Finding, owner: User) -> Finding:
    """Assign a finding."""
    return assign_finding(ctx_for(user), finding_id=one.pk, owner_id=owner.pk)


def test_a_finding_is_given_to_somebody_who_sees_the_lot(
    ada: User, ben: User, dan: User, site: Site
) -> None:
    one = found(ada, site, "used_without_origin")
    give(ada, one, ben)
    one.refresh_from_db()
    assert one.owner == ben
    with pytest.raises(InvalidInput):
        give(ada, one, dan)


def test_another_site_neither_sees_nor_mends(ada: User, dan: User, site: Site) -> None:
    one = found(ada, site, "used_without_origin")
    attempts: tuple[Callable[[], Finding], ...] = (
        lambda: origin(dan, one),
        lambda: explain(dan, one),
        lambda: give(dan, one, dan),
    )
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()
    assert browser(dan).get(f"/evidence-findings/{one.pk}/").status_code == 404
    assert one.number not in browser(dan).get("/evidence-findings/").content.decode()


def test_one_lot_is_checked_at_once_from_its_page(ada: User, site: Site) -> None:
    lot = without_expiry(ada, site)
    check_lot(ctx_for(ada), lot_id=lot.pk)
    one = finding(lot, "expiry_missing")
    page = browser(ada).get(f"/lots/{lot.pk}/").content.decode()
    assert one.number in page
    assert "pieces of evidence missing" in page
    Lot.objects.filter(pk=lot.pk).update(expires_on=clock.today())
    check_lot(ctx_for(ada), lot_id=lot.pk)
    assert "expiry_missing" not in open_on(lot)


def test_a_trace_says_on_how_many_of_its_lots_evidence_is_missing(ada: User, site: Site) -> None:
    unit = made_of_nothing(ada, site)
    check(ada)
    asked = trace(ada, [unit], "backward")
    assert "evidence is missing on 1 of them" in summary(asked).answer
    assert "evidence_missing" in asked.named([unit.pk])[unit.pk].marks
