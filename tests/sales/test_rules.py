"""How wishes are met from what is free."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from erp.sales.rules import Wish, share

D = Decimal
quantities = st.integers(1, 50).map(Decimal)
places = st.tuples(st.integers(1, 4), st.integers(1, 3))
wishes = st.builds(Wish, st.integers(1, 4), quantities, st.none() | st.integers(1, 3))


def test_the_fullest_place_is_emptied_first() -> None:
    takes, short = share([Wish(1, D(7))], {(1, 10): D(3), (1, 11): D(5)})
    assert [(t.location_id, t.quantity) for t in takes] == [(11, D(5)), (10, D(2))]
    assert short == []


def test_a_wish_at_one_place_takes_nothing_elsewhere() -> None:
    takes, (short,) = share([Wish(1, D(4), 10)], {(1, 10): D(3), (1, 11): D(5)})
    assert [(t.location_id, t.quantity) for t in takes] == [(10, D(3))]
    assert short.have == 3


@given(st.lists(wishes, max_size=6), st.dictionaries(places, quantities, max_size=8))
def test_never_more_is_taken_than_is_free_or_wished(
    asked: list[Wish], free: dict[tuple[int, int], Decimal]
) -> None:
    takes, short = share(asked, free)
    assert all(t.quantity <= free[(t.lot_id, t.location_id)] for t in takes)
    wished = sum(w.quantity for w in asked)
    missing = sum(s.wish.quantity - s.have for s in short)
    assert sum(t.quantity for t in takes) == wished - missing
