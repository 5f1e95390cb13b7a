"""States, quantities, numbers, the clock, the outbox, ids."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import example, given
from hypothesis import strategies as st

from erp.accounts.models import User
from erp.core import clock, numbering, outbox
from erp.core.errors import IllegalStep
from erp.core.ids import uuid7
from erp.core.models import OutboxMessage
from erp.core.quantities import BadQuantity, plain, positive
from erp.core.states import REGISTRY
from tests.conftest import ctx_for


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_a_state_table_knows_all_its_states_and_refuses_the_rest(name: str) -> None:
    table = REGISTRY[name]
    verbs = {verb for _state, verb in table.steps}
    assert table.initial in table.labels
    for state in table.labels:
        assert state in table.tones
        for verb in verbs:
            if table.allows(state, verb):
                assert table.next(state, verb) in table.labels
            else:
                with pytest.raises(IllegalStep):
                    table.next(state, verb)
    reached = {table.initial} | set(table.steps.values())
    assert set(table.labels) == reached


@example(Decimal("1E+40"))
@example(Decimal(10) ** 12)
@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_a_quantity_is_positive_finite_and_fine_or_refused(quantity: Decimal) -> None:
    try:
        good = positive(quantity)
    except BadQuantity:
        return
    assert 0 < good < 10**12
    assert -good.as_tuple().exponent <= 6 or good == good.quantize(Decimal("0.000001"))  # type: ignore[operator]


@given(st.decimals(min_value=0, max_value=10**9, places=6))
def test_plain_text_reads_back_as_the_same_quantity(quantity: Decimal) -> None:
    assert Decimal(plain(quantity)) == quantity
    assert "E" not in plain(quantity)


@pytest.mark.django_db
def test_numbers_have_no_gaps_even_after_a_refusal() -> None:
    first = numbering.take_one("TST")
    with transaction.atomic():
        numbering.take("TST", 5)
        transaction.set_rollback(True)
    second = numbering.take_one("TST")
    assert int(second[-5:]) == int(first[-5:]) + 1


def test_a_told_time_ends_with_its_story() -> None:
    past = dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC)
    with clock.telling(past):
        assert clock.now() == past
        assert clock.today() == dt.date(2026, 3, 1)
    assert clock.now() > past


def test_offsets_are_written_as_epcis_wants_them() -> None:
    zone = dt.timezone(dt.timedelta(hours=-3, minutes=-30))
    assert clock.offset_of(dt.datetime(2026, 1, 1, tzinfo=zone)) == "-03:30"


def test_ids_sort_by_time_and_say_their_version() -> None:
    ids = [uuid7() for _ in range(50)]
    assert all(i.version == 7 for i in ids)
    assert [i.int >> 80 for i in ids] == sorted(i.int >> 80 for i in ids)


@pytest.mark.django_db
def test_a_message_is_delivered_once_and_a_failure_is_kept_and_retried(ada: User) -> None:
    calls: list[str] = []

    @outbox.delivers("test.topic")
    def deliver(message: OutboxMessage) -> None:
        calls.append(message.key)
        if message.key == "bad":
            raise RuntimeError("no route")

    for key in ("good", "good", "bad"):
        outbox.put(ctx_for(ada), "test.topic", key, {})
    while outbox.deliver_next():
        pass
    good = OutboxMessage.objects.get(topic="test.topic", key="good")
    bad = OutboxMessage.objects.get(topic="test.topic", key="bad")
    assert calls == ["good", "bad"]
    assert (good.state, bad.state, bad.attempts) == ("delivered", "waiting", 1)
    assert "no route" in bad.last_error
    assert bad.not_before > clock.now()


@pytest.mark.django_db
def test_a_message_of_a_rolled_back_operation_never_leaves(ada: User) -> None:
    with transaction.atomic():
        outbox.put(ctx_for(ada), "test.topic", "ghost", {})
        transaction.set_rollback(True)
    assert not OutboxMessage.objects.filter(key="ghost").exists()
