"""A concession passes the gates of suppliers and instruments: one gate, named records, a time."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
import time_machine
from django.test import Client

from audit.models import OperationLog, Signature
from audit.signatures import still_binds
from equipment.gates import USE
from equipment.models import Instrument
from erp import gates
from erp.accounts.models import Site, User
from erp.core import clock
from erp.core.errors import Blocked, DomainError, IllegalStep, SamePerson
from erp.masterdata.models import Item, Partner
from procurement.gates import ACCEPT, PLACE
from procurement.models import PurchaseOrder
from procurement.operations import place_order, suspend_supplier
from quality.nonconformity import errors
from quality.nonconformity.models import Concession, Deviation
from quality.nonconformity.operations import (
    approve_concession,
    close_deviation,
    concession_content,
)
from tests.conftest import ctx_for, signed
from tests.equipment.builders import calibrated, calibration, instrument, overdue
from tests.inventory.builders import lot_in_stock
from tests.masterdata.builders import make_item, make_partner
from tests.procurement.builders import in_days, ordered, received
from tests.quality.builders import deviation, dispositioned, evaluated
from traceability.gates import ISSUE

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def planned(ben: User, site: Site) -> Deviation:
    """Return a planned departure, opened by Ben, that concerns no lot."""
    return deviation(ben, site, kind="planned", title="Second source")


@pytest.fixture
def item() -> Item:
    return make_item()


@pytest.fixture
def supplier() -> Partner:
    return make_partner()


@pytest.fixture
def late(ben: User, site: Site) -> Instrument:
    """Return an instrument whose calibration is overdue."""
    return overdue(ben, site)


def conceded(user: User, found: Deviation, gate: str, **more: Any) -> Deviation:
    """Evaluate a deviation and approve a concession, valid today unless told otherwise."""
    values = {"valid_from": clock.today(), "valid_until": clock.today(), **more}
    evaluated(user, found)
    return approve_concession(
        signed(user), deviation_id=found.pk, gate=gate, justification="Tested.", **values
    )


def ordering(user: User, site: Site, supplier: Partner, *items: Item) -> PurchaseOrder:
    """Order ten of each item."""
    lines: Any = [{"item_id": i.pk, "quantity": "10", "due_on": in_days(7)} for i in items]
    return place_order(ctx_for(user), supplier_id=supplier.pk, site_id=site.pk, lines=lines)


def refused(user: User, site: Site, supplier: Partner, *items: Item) -> list[str]:
    """Return what refuses an order, by the items named."""
    with pytest.raises(Blocked) as refusal:
        ordering(user, site, supplier, *items)
    assert not PurchaseOrder.objects.filter(supplier=supplier).exists()
    return [str(b.sentence) for b in refusal.value.blockers]


def use_of(user: User, *instruments: Instrument) -> list[str]:
    """Return the codes of what blocks the use of instruments."""
    return [b.code for b in gates.blockers(USE, [i.pk for i in instruments], ctx_for(user).actor)]


class TestSupplier:
    """Ordering and receiving from a supplier who is not approved for the item (PRC-04)."""

    @pytest.mark.urs("PRC-04", "QMS-03")
    def test_an_order_passes_and_names_no_approval(
        self, ada: User, ben: User, site: Site, planned: Deviation, item: Item, supplier: Partner
    ) -> None:
        refused(ben, site, supplier, item)
        conceded(ada, planned, PLACE, supplier_id=supplier.pk, item_ids=[item.pk])
        order = ordering(ben, site, supplier, item)
        assert order.lines.get().approval_id is None
        used = OperationLog.objects.get(code="procurement.place_order")
        assert used.notes["concessions"] == [
            {
                "gate": "order.place",
                "record": supplier.pk,
                "blocker": "supplier.not_approved",
                "about": [supplier.pk, item.pk, site.pk],
                "concession": Concession.objects.get().number,
            }
        ]

    @pytest.mark.urs("PRC-04")
    def test_another_item_or_supplier_is_refused_still(
        self, ada: User, ben: User, site: Site, planned: Deviation, item: Item, supplier: Partner
    ) -> None:
        other = make_item()
        conceded(ada, planned, PLACE, supplier_id=supplier.pk, item_ids=[item.pk])
        (sentence,) = refused(ben, site, supplier, item, other)
        assert other.code in sentence
        refused(ben, site, make_partner(), item)

    @pytest.mark.urs("PRC-04")
    def test_another_site_is_refused_still(
        self,
        ada: User,
        site: Site,
        other_site: Site,
        planned: Deviation,
        item: Item,
        supplier: Partner,
    ) -> None:
        conceded(ada, planned, PLACE, supplier_id=supplier.pk, item_ids=[item.pk])
        refused(ada, other_site, supplier, item)

    @pytest.mark.urs("PRC-04")
    def test_outside_its_period_it_passes_nothing(
        self, ada: User, ben: User, site: Site, planned: Deviation, item: Item, supplier: Partner
    ) -> None:
        named = {"supplier_id": supplier.pk, "item_ids": [item.pk]}
        today = clock.today()
        conceded(ada, planned, PLACE, valid_from=today + DAY, valid_until=today + DAY, **named)
        refused(ben, site, supplier, item)
        noon = clock.now().replace(hour=12)
        with time_machine.travel(noon + 2 * DAY):
            refused(ben, site, supplier, item)
        with time_machine.travel(noon + DAY):
            assert ordering(ben, site, supplier, item).state == "ordered"

    @pytest.mark.urs("PRC-04")
    def test_a_closed_deviation_passes_nothing_any_more(
        self, ada: User, ben: User, site: Site, planned: Deviation, item: Item, supplier: Partner
    ) -> None:
        conceded(ada, planned, PLACE, supplier_id=supplier.pk, item_ids=[item.pk])
        dispositioned(ada, planned, "use_as_is")
        close_deviation(signed(ben), deviation_id=planned.pk, outcome="It is approved now.")
        refused(ben, site, supplier, item)
        with pytest.raises(IllegalStep):
            conceded(ada, planned, PLACE, supplier_id=supplier.pk, item_ids=[item.pk])

    @pytest.mark.urs("PRC-04")
    def test_to_order_is_not_to_receive(
        self, ada: User, ben: User, site: Site, planned: Deviation
    ) -> None:
        order = ordered(ben, ada, site)
        line = order.lines.get()
        assert line.approval is not None
        suspend_supplier(ctx_for(ben, reason="findings"), approval_id=line.approval.pk)
        named = {"supplier_id": order.supplier_id, "item_ids": [line.item_id]}
        conceded(ada, planned, PLACE, **named)
        with pytest.raises(Blocked) as refusal:
            received(ben, order, 5)
        assert [b.code for b in refusal.value.blockers] == ["supplier.suspended"]
        second = deviation(ben, site, kind="planned")
        conceded(ada, second, ACCEPT, **named)
        assert gates.blockers(ACCEPT, [order.pk], ctx_for(ben).actor) == []
        assert received(ben, order, 5).lines.count() == 1

    def test_a_missing_certificate_is_not_conceded_with_the_supplier(
        self, ada: User, ben: User, site: Site, planned: Deviation
    ) -> None:
        order = ordered(ben, ada, site, make_item(certificate_required=True))
        named = {"supplier_id": order.supplier_id, "item_ids": [order.lines.get().item_id]}
        conceded(ada, planned, ACCEPT, **named)
        with pytest.raises(Blocked) as refusal:
            received(ben, order, 5)
        assert [b.code for b in refusal.value.blockers] == ["receipt.certificate_missing"]


class TestInstrument:
    """Using an instrument in spite of its calibration."""

    @pytest.mark.urs("EQP-02", "QMS-03")
    def test_it_is_used_and_the_log_says_by_what(
        self, ada: User, ben: User, site: Site, planned: Deviation, late: Instrument
    ) -> None:
        assert use_of(ben, late) == ["instrument.calibration_overdue"]
        conceded(ada, planned, USE, instrument_ids=[late.pk])
        assert use_of(ben, late) == []
        covered = gates.ask(ctx_for(ben), USE, [late.pk])
        assert set(covered.values()) == {Concession.objects.get().number}

    def test_another_instrument_is_refused_still(
        self, ada: User, ben: User, site: Site, planned: Deviation, late: Instrument
    ) -> None:
        other = overdue(ben, site)
        conceded(ada, planned, USE, instrument_ids=[late.pk])
        with pytest.raises(Blocked) as refusal:
            gates.ask(ctx_for(ben), USE, [late.pk, other.pk])
        assert [b.record and b.record.label for b in refusal.value.blockers] == [other.code]

    def test_what_failed_or_is_out_of_service_is_never_conceded(
        self, ada: User, ben: User, site: Site, planned: Deviation
    ) -> None:
        failed = calibrated(ben, site)
        calibration(ben, failed, verdict="fail")
        conceded(ada, planned, USE, instrument_ids=[failed.pk])
        assert use_of(ben, failed) == ["instrument.calibration_failed"]

    def test_it_ends_with_its_period_and_with_its_deviation(
        self, ada: User, ben: User, site: Site, planned: Deviation, late: Instrument
    ) -> None:
        conceded(ada, planned, USE, instrument_ids=[late.pk], valid_until=clock.today() + 9 * DAY)
        with time_machine.travel(clock.now() + 10 * DAY):
            assert use_of(ben, late) == ["instrument.calibration_overdue"]
        dispositioned(ada, planned, "use_as_is")
        assert use_of(ben, late) == []
        close_deviation(signed(ben), deviation_id=planned.pk, outcome="Calibrated elsewhere.")
        assert use_of(ben, late) == ["instrument.calibration_overdue"]

    def test_an_instrument_of_another_site_cannot_be_named(
        self, ada: User, planned: Deviation, other_site: Site
    ) -> None:
        theirs = instrument(ada, other_site)
        with pytest.raises(errors.InstrumentOfAnotherSite):
            conceded(ada, planned, USE, instrument_ids=[theirs.pk])
        assert not Concession.objects.exists()


class TestScope:
    """What a concession must name, and must not."""

    @pytest.mark.parametrize(
        ("gate", "refusal"),
        [
            (PLACE, errors.ConcessionNamesNoSupply),
            (ACCEPT, errors.ConcessionNamesNoSupply),
            (USE, errors.ConcessionNamesNoInstrument),
            (ISSUE, errors.ConcessionNamesNoLot),
        ],
    )
    def test_it_names_something(
        self, ada: User, planned: Deviation, gate: str, refusal: type[DomainError]
    ) -> None:
        with pytest.raises(refusal):
            conceded(ada, planned, gate)
        assert not Concession.objects.exists()

    def test_it_names_nothing_that_its_gate_is_not_asked_about(
        self,
        ada: User,
        site: Site,
        planned: Deviation,
        item: Item,
        supplier: Partner,
        late: Instrument,
    ) -> None:
        supply = {"supplier_id": supplier.pk, "item_ids": [item.pk]}
        lot = {"lot_ids": [lot_in_stock(ada, site).number]}
        gauge = {"instrument_ids": [late.pk]}
        for gate, named in ((PLACE, {**supply, **gauge}), (USE, {**gauge, **lot}), (ISSUE, supply)):
            with pytest.raises(errors.ConcessionNamesOthers):
                conceded(ada, planned, gate, **named)
        assert not Concession.objects.exists()

    def test_who_opened_the_deviation_approves_none(
        self, ben: User, planned: Deviation, late: Instrument
    ) -> None:
        with pytest.raises(SamePerson):
            conceded(ben, planned, USE, instrument_ids=[late.pk])

    @pytest.mark.urs("AUD-03")
    def test_what_it_covers_is_signed(
        self, ada: User, planned: Deviation, item: Item, supplier: Partner
    ) -> None:
        conceded(ada, planned, PLACE, supplier_id=supplier.pk, item_ids=[item.pk])
        signature = Signature.objects.get(meaning="concession")
        assert signature.content["supplies"] == [[supplier.code, item.code]]
        assert "instruments" not in signature.content
        planned.refresh_from_db()
        assert still_binds(signature, concession_content(planned))

    def test_page_and_api_say_what_it_covers(
        self, ada: User, planned: Deviation, item: Item, supplier: Partner, client: Client
    ) -> None:
        client.force_login(ada)
        url = f"/api/v1/deviations/{planned.pk}/"
        asked = {
            "gate": PLACE,
            "supplier_id": supplier.code,
            "item_ids": [item.code],
            "valid_from": str(clock.today()),
            "valid_until": str(clock.today()),
            "justification": "Tested.",
        }
        unsigned = client.post(f"{url}approve-concession/", json.dumps(asked), "application/json")
        assert unsigned.status_code in {401, 403}
        conceded(ada, planned, PLACE, supplier_id=supplier.pk, item_ids=[item.pk])
        told = client.get(url).json()["conceded"]
        assert (told["gate"], told["instruments"]) == (PLACE, [])
        assert told["supplies"] == [{"supplier": supplier.code, "item": item.code}]
        page = client.get(f"/deviations/{planned.pk}/").content.decode()
        assert "order from a supplier who is not approved" in page
        assert item.code in page
        assert f"/partners/{supplier.pk}/" in page

    def test_supplier_and_instrument_list_their_concessions(  # noqa: PLR0913, PLR0917 - people
        self,
        ada: User,
        ben: User,
        dan: User,
        site: Site,
        planned: Deviation,
        item: Item,
        supplier: Partner,
        late: Instrument,
        client: Client,
    ) -> None:
        conceded(ada, planned, PLACE, supplier_id=supplier.pk, item_ids=[item.pk])
        second = deviation(ben, site, kind="planned")
        conceded(ada, second, USE, instrument_ids=[late.pk])
        first, other = Concession.objects.order_by("pk").values_list("number", flat=True)
        pages = ((f"/partners/{supplier.pk}/", first), (f"/instruments/{late.pk}/", other))
        client.force_login(ben)
        for url, number in pages:
            text = client.get(url).content.decode()
            assert (number in text, "in force" in text) == (True, True)
        client.force_login(dan)
        assert first not in client.get(pages[0][0]).content.decode(), "another site's departure"
