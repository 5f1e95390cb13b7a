"""Rows written by COPY are the rows an INSERT would have written."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.expressions import DatabaseDefault
from django.test.utils import CaptureQueriesContext

from erp.accounts.models import Site, User
from erp.core.bulk import FEW, copy_rows, copy_values, maker
from erp.core.models import OutboxMessage
from tests.conftest import make_site
from tests.masterdata.builders import make_item
from traceability.models import EventSubject, Lot, TraceEvent

MANY = FEW * 30
AWKWARD = "tab\there, line\nthere, back\\slash, \\N, “quote”, \r and 批号"


def lots(site: Site, count: int = MANY, **more: Any) -> list[Lot]:
    item = make_item()
    return [Lot(item=item, site=site, number=f"N{n}", kind="lot", **more) for n in range(count)]


def event(site: Site, user: User, **more: Any) -> TraceEvent:
    moment = dt.datetime(2026, 1, 14, 8, 0, 0, 123456, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    values = {"kind": "object", "biz_step": "other", "event_time": moment, "site": site, **more}
    return TraceEvent(performed_by=user, **values)


@pytest.mark.django_db
def test_rows_come_back_with_their_ids_in_their_order(site: Site) -> None:
    made = copy_rows(Lot, lots(site))
    ids = [lot.pk for lot in made]
    assert ids == sorted(set(ids))
    assert dict(Lot.objects.filter(pk__in=ids).values_list("pk", "number")) == {
        lot.pk: lot.number for lot in made
    }
    assert not made[0]._state.adding


@pytest.mark.django_db
@pytest.mark.parametrize("count", [FEW - 1, MANY])
def test_every_value_reads_back_as_it_was_given(site: Site, ben: User, count: int) -> None:
    rows = [event(site, ben, note=AWKWARD if n % 2 else "") for n in range(count)]
    made = copy_rows(TraceEvent, rows)
    for row in (made[0], made[-1]):
        kept = TraceEvent.objects.get(pk=row.pk)
        for field in TraceEvent._meta.concrete_fields:
            assert getattr(kept, field.attname) == getattr(row, field.attname), field.name


@pytest.mark.django_db
def test_json_reads_back_as_it_was_given() -> None:
    now = dt.datetime(2026, 1, 14, tzinfo=dt.UTC)
    bodies: list[dict[str, Any]] = [{"a": [1, True, 1.0, None, AWKWARD]}, {"a": [True]}] * FEW
    rows = [
        OutboxMessage(topic="t", key=str(n), payload=body, not_before=now)
        for n, body in enumerate(bodies)
    ]
    copy_rows(OutboxMessage, rows)
    kept = [m.payload for m in OutboxMessage.objects.filter(topic="t").order_by("pk")]
    assert [repr(body) for body in kept] == [repr(body) for body in bodies]
    assert OutboxMessage.objects.filter(topic="t", created_at__isnull=True).count() == 0


@pytest.mark.django_db
def test_lines_nobody_asks_back_are_written_in_one_statement(site: Site, ben: User) -> None:
    found = copy_rows(Lot, lots(site))
    happened = event(site, ben)
    happened.save()
    quantities = [None if n % 2 else Decimal("0.000001") for n in range(MANY)]
    with CaptureQueriesContext(connection) as taken:
        copy_values(
            EventSubject,
            ("event_id", "lot_id", "quantity"),
            ((happened.pk, lot.pk, q) for lot, q in zip(found, quantities, strict=True)),
        )
        copy_values(EventSubject, ("event_id", "lot_id", "quantity"), iter(()))
    assert len(taken) == 1
    kept = happened.subjects.order_by("pk")
    assert list(kept.values_list("quantity", flat=True)) == quantities


@pytest.mark.django_db
def test_history_is_written_as_by_an_insert(site: Site) -> None:
    made = copy_rows(Lot, lots(site))
    history = Lot.history.filter(id__in=[lot.pk for lot in made])
    assert history.count() == MANY
    assert set(history.values_list("history_type", flat=True)) == {"+"}


@pytest.mark.django_db
def test_a_double_is_refused_as_by_an_insert_and_nothing_stays(site: Site) -> None:
    made = lots(site)
    made[-1].number = made[0].number
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_rows(Lot, made)
    assert not Lot.objects.filter(item=made[0].item).exists()


@pytest.mark.django_db
def test_what_only_the_database_may_say_is_said_by_it(site: Site) -> None:
    made = copy_rows(Lot, lots(site))
    assert {lot.created_at for lot in made} == set(
        Lot.objects.filter(pk__in=[lot.pk for lot in made]).values_list("created_at", flat=True)
    )
    half = lots(make_site("BULK"))
    half[0].created_at = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    with pytest.raises(ValueError, match="for some of the rows"):
        copy_rows(Lot, half)


@pytest.mark.django_db
def test_a_maker_makes_what_an_ordinary_call_makes(site: Site) -> None:
    item = make_item()
    make = maker(Lot, "item_id", "number", "kind", "site_id")
    quick, plain = (
        make(item.pk, "1", "lot", site.pk),
        Lot(item=item, number="1", kind="lot", site=site),
    )
    for field in Lot._meta.concrete_fields:
        one, other = (getattr(lot, field.attname) for lot in (quick, plain))
        assert one == other or isinstance(one, DatabaseDefault), field.name
    with pytest.raises(TypeError):
        maker(OutboxMessage, "topic")
