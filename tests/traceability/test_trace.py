"""What a trace leaves out, what it says of that, and what stands beside the lots."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from erp.accounts.models import Site, User
from tests.conftest import ctx_for
from tests.inventory.builders import lot_in_stock
from tests.masterdata.builders import make_item, place
from tests.traceability.builders import (
    did_not_happen,
    happen,
    in_time,
    make_lots,
    make_units,
    reached,
    trace,
)
from traceability import origins
from traceability.ids import IdSet
from traceability.models import Lot, LotSite, TraceEvent
from traceability.origins import (
    EXPOSURES,
    FACETS,
    FIGURES,
    MARKS,
    ORIGINS,
    TALLIES,
    TELLINGS,
    FacetRow,
    RegisteredTwice,
    facet,
)
from traceability.trace import Direction, Filter, Start, Trace, resolve
from traceability.trace.balance import balance
from traceability.trace.errors import UnknownOrigin, UnknownStart
from traceability.trace.why import why_in, why_not
from traceability.trace.words import summary

pytestmark = pytest.mark.django_db


@pytest.mark.urs("TRC-05")
def test_units_are_reached_through_their_lot_and_reach_what_went_into_it(
    ada: User, site: Site
) -> None:
    material, batch = make_lots(ada, site, 2)
    happen(ada, site, [material], [batch])
    units = make_units(ada, site, batch, 3)
    assert set(reached(ada, [material], "forward")) == {
        material.pk,
        batch.pk,
        *(u.pk for u in units),
    }
    assert reached(ada, [units[0]], "backward") == {units[0].pk: 0, batch.pk: -1, material.pk: -2}


@pytest.mark.urs("TRC-06")
def test_a_link_of_a_unit_does_not_spread_to_its_siblings(ada: User, site: Site) -> None:
    (screw, batch) = make_lots(ada, site, 2)
    one, other = make_units(ada, site, batch, 2)
    happen(ada, site, [screw], [one])
    nodes = trace(ada, [screw], "forward").answer().nodes
    assert {n.lot_id: n.whole for n in nodes} == {screw.pk: True, one.pk: True, batch.pk: False}
    assert screw.pk not in reached(ada, [other], "backward")


@pytest.mark.urs("TRC-03", "TRC-05")
def test_a_lot_that_only_groups_units_is_traced_through_them(ada: User, site: Site) -> None:
    screw, batch, kit = make_lots(ada, site, 3)
    one, other = make_units(ada, site, batch, 2)
    happen(ada, site, [screw], [one])
    happen(ada, site, [batch], [kit])
    # Asked of the lot, everything that went into any of its units is in the answer.
    assert set(reached(ada, [batch], "backward")) == {batch.pk, one.pk, other.pk, screw.pk}
    # The lot was used as such, so the unit with the screw may be in the kit; its sibling is free.
    assert set(reached(ada, [screw], "forward")) == {screw.pk, one.pk, batch.pk, kit.pk}
    assert screw.pk in reached(ada, [kit], "backward")
    path = why_in(trace(ada, [screw], "forward"), kit.pk)
    assert path is not None
    assert path.lot_ids == (screw.pk, one.pk, batch.pk, kit.pk)


@pytest.mark.urs("TRC-06")
def test_every_link_says_whether_it_is_known_per_unit_or_per_lot(ada: User, site: Site) -> None:
    steel, screw, batch = make_lots(ada, site, 3)
    happen(ada, site, [steel], [batch, screw])
    unit = make_units(ada, site, batch, 1)[0]
    happen(ada, site, {screw: 2}, [unit], biz_step="assembling")
    links = {(k.input_id, k.output_id): k for k in trace(ada, [unit], "backward").links()}
    assert links[(screw.pk, unit.pk)].precision == "unit"
    assert links[(steel.pk, batch.pk)].precision == "lot"
    member = links[(batch.pk, unit.pk)]
    assert (member.membership, member.precision, member.event_id) == (True, "lot", None)
    assert links[(screw.pk, unit.pk)].input_quantity == 2


@pytest.mark.urs("TRC-08")
def test_an_event_that_did_not_happen_carries_no_link_and_stays_recorded(
    ada: User, site: Site
) -> None:
    material, product = make_lots(ada, site, 2)
    event = happen(ada, site, [material], [product])
    assert product.pk in reached(ada, [material], "forward")
    did_not_happen(ada, site, event)
    asked = trace(ada, [material], "forward")
    assert [n.lot_id for n in asked.answer().nodes] == [material.pk]
    assert event.pk not in asked.event_ids
    assert TraceEvent.objects.filter(pk=event.pk).exists()
    assert [r.code for r in why_not(asked, product.pk)] == ["void"]


@pytest.mark.urs("TRC-02", "TRC-08")
def test_a_trace_is_answered_as_it_was_known_on_a_day(ada: User, site: Site) -> None:
    with time_machine.travel(in_time(2020), tick=False):
        material, middle, product = make_lots(ada, site, 3)
        first = happen(ada, site, [material], [middle])
    with time_machine.travel(in_time(2022), tick=False):
        happen(ada, site, [middle], [product], at=in_time(2020))
        asked = trace(ada, [material], "forward", as_known_at=in_time(2021))
        assert [r.code for r in why_not(asked, product.pk)] == ["later"]
    with time_machine.travel(in_time(2024), tick=False):
        did_not_happen(ada, site, first)
    known = {
        year: set(reached(ada, [material], "forward", as_known_at=in_time(year)))
        for year in (2021, 2023, 2025)
    }
    assert known == {
        2021: {material.pk, middle.pk},
        2023: {material.pk, middle.pk, product.pk},
        2025: {material.pk},
    }


def test_lots_of_other_sites_are_counted_and_not_shown(
    ada: User, dan: User, site: Site, other_site: Site
) -> None:
    ours = make_lots(ada, site, 1)[0]
    theirs = make_lots(ada, other_site, 2)
    happen(ada, site, [ours], [theirs[0]])
    happen(ada, other_site, [theirs[0]], [theirs[1]])
    asked = trace(dan, [theirs[1]], "backward")
    answer = asked.answer()
    assert {n.lot_id for n in answer.nodes} == {theirs[0].pk, theirs[1].pk}
    assert [(k.input_id, k.output_id) for k in answer.links] == [(theirs[0].pk, theirs[1].pk)]
    assert not answer.complete
    # The event that made theirs of ours happened at our site: its facts are left out, and counted.
    assert {g.code: g.count for g in answer.gaps} == {"hidden": 1, "events": 1}
    assert trace(ada, [theirs[1]], "backward").complete


def test_a_lot_that_came_to_a_site_is_seen_there(
    ada: User, dan: User, site: Site, other_site: Site
) -> None:
    ours, made = make_lots(ada, site, 2)
    happen(ada, site, [ours], [made])
    LotSite.objects.create(lot=made, site=other_site)
    answer = trace(dan, [made], "backward").answer()
    assert [n.lot_id for n in answer.nodes] == [made.pk]
    assert not answer.complete


def test_a_path_through_another_site_keeps_its_length(
    ada: User, dan: User, site: Site, other_site: Site
) -> None:
    first, last = make_lots(ada, other_site, 2)
    hidden = make_lots(ada, site, 1)[0]
    happen(ada, site, [first], [hidden])
    happen(ada, site, [hidden], [last])
    path = why_in(trace(dan, [first], "forward"), last.pk)
    assert path is not None
    assert path.lot_ids == (first.pk, hidden.pk, last.pk)
    assert set(path.nodes) == {first.pk, last.pk}


@pytest.mark.urs("TRC-04")
def test_why_not_names_the_lots_used_instead(ada: User, site: Site) -> None:
    steel = make_item()
    used, unused = make_lots(ada, site, 2, item=steel)
    product, other = make_lots(ada, site, 2)
    happen(ada, site, [used], [product])
    reasons = {
        r.code: [n.lot_id for n in r.lots]
        for r in why_not(trace(ada, [unused], "forward"), product.pk)
    }
    assert reasons == {"not_linked": [], "instead": [used.pk]}
    codes = {r.code for r in why_not(trace(ada, [used], "forward"), other.pk)}
    assert codes == {"not_linked", "nothing_recorded"}
    assert why_not(trace(ada, [used], "forward"), product.pk) == []


Build = Callable[[int], Lot]


@pytest.fixture
def chain(ada: User, site: Site) -> Build:
    """Return a maker of a material that went into ``count`` products by way of ``count`` parts."""

    def build(count: int) -> Lot:
        material = make_lots(ada, site, 1)[0]
        parts, products = make_lots(ada, site, count), make_lots(ada, site, count)
        happen(ada, site, [material], parts)
        for part, product in zip(parts, products, strict=True):
            happen(ada, site, [part], [product])
        return material

    return build


def _all_of_it(asked: Trace) -> None:
    asked.answer()
    asked.nodes(where=Filter(kind="lot"), limit=10)
    summary(asked)
    asked.facets()
    list(asked.stream_links())


@pytest.mark.parametrize("who", ["ada", "ben"])
def test_the_number_of_queries_is_the_same_for_any_size(
    who: str, chain: Build, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(who)
    numbers = []
    for count in (2, 60):
        start = chain(count)
        asked = trace(user, [start], "forward")
        with CaptureQueriesContext(connection) as queries:
            _all_of_it(asked)
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


def test_a_long_chain_is_walked_to_its_end(ada: User, site: Site) -> None:
    lots = make_lots(ada, site, 200)
    for one, other in pairwise(lots):
        happen(ada, site, [one], [other])
    assert reached(ada, [lots[0]], "forward")[lots[-1].pk] == 199


@pytest.mark.urs("TRC-05")
def test_mass_balance_closes_or_shows_its_gap(ada: User, site: Site) -> None:
    lot = lot_in_stock(ada, site, quantity=10)
    assert balance([lot.pk])[0].closed
    product = make_lots(ada, site, 1)[0]
    happen(ada, site, {lot: 4}, {product: 1})
    short = balance([lot.pk])[0]
    assert [int(short.figures[c]) for c in ("made", "consumed", "on_hand")] == [10, 4, 10]
    assert short.gap == Decimal(-4)
    assert not short.closed
    assert balance([product.pk])[0].gap == 1
    assert {"made", "consumed", "shipped", "removed", "on_hand"} <= set(FIGURES)


def test_units_made_with_their_lot_are_not_counted_twice(ada: User, site: Site) -> None:
    batch = make_lots(ada, site, 1)[0]
    units = make_units(ada, site, batch, 3)
    happen(ada, site, [], {batch: 3, **dict.fromkeys(units, 1)})
    line = balance([batch.pk])[0]
    assert line.figures["made"] == line.figures["in_units"] == Decimal(3)
    assert line.closed


@pytest.mark.urs("TRC-04")
def test_a_trace_starts_from_what_a_person_did_in_a_period(
    ada: User, ben: User, site: Site
) -> None:
    early, late = make_lots(ada, site, 2)
    for lot, year in ((early, 2020), (late, 2022)):
        happen(ben, site, [], [lot], at=in_time(year))
    start = resolve(["person:ben"], actor=ctx_for(ada).actor, since=in_time(2021))
    assert start.lot_ids == (late.pk,)
    assert start.records[0].label == "ben"


def test_what_left_is_a_start_and_what_went_into_something_is_not(ada: User, site: Site) -> None:
    material, product, gone = make_lots(ada, site, 3)
    made = happen(ada, site, [material], [product])
    shipped = happen(ada, site, [gone], kind="object", biz_step="shipping")
    actor = ctx_for(ada).actor
    assert resolve([f"event:{made.pk}"], actor=actor).lot_ids == (product.pk,)
    assert resolve([f"event:{shipped.pk}"], actor=actor).lot_ids == (gone.pk,)


def test_a_trace_starts_from_a_suppliers_lot_and_from_a_number(ada: User, site: Site) -> None:
    lots = make_lots(ada, site, 2, supplier_lot="SUP-77")
    actor = ctx_for(ada).actor
    assert set(resolve(["supplier-lot:SUP-77"], actor=actor).lot_ids) == {x.pk for x in lots}
    assert resolve([f"lot:{lots[0].number}"], actor=actor).lot_ids == (lots[0].pk,)
    assert resolve([f"lot:{lots[0].pk}"], actor=actor).lot_ids == (lots[0].pk,)


@pytest.mark.parametrize(
    ("token", "error"),
    [
        ("nothing:1", UnknownOrigin),
        ("lot:", UnknownStart),
        ("lot:no such", UnknownStart),
        ("", UnknownOrigin),
    ],
)
def test_an_unknown_start_is_refused(token: str, error: type[Exception], ada: User) -> None:
    with pytest.raises(error):
        resolve([token], actor=ctx_for(ada).actor)


def test_a_lot_of_another_site_is_as_unknown_as_none(dan: User, ada: User, site: Site) -> None:
    lot = make_lots(ada, site, 1)[0]
    with pytest.raises(UnknownStart):
        resolve([f"lot:{lot.pk}"], actor=ctx_for(dan).actor)


def test_what_lay_at_a_place_in_a_period_is_a_start(ada: User, site: Site) -> None:
    with time_machine.travel(in_time(2020), tick=False):
        before = lot_in_stock(ada, site)
    with time_machine.travel(in_time(2022), tick=False):
        after = lot_in_stock(ada, site)
    actor, store = ctx_for(ada).actor, place(site, "storage")
    token = [f"location:{store.code}"]
    assert resolve(token, actor=actor, since=in_time(2021), until=in_time(2023)).lot_ids == (
        before.pk,
        after.pk,
    )
    assert resolve(token, actor=actor, until=in_time(2021)).lot_ids == (before.pk,)


def test_held_lots_are_marked(ada: User, site: Site) -> None:
    from erp.inventory.operations import place_hold  # noqa: PLC0415

    batch = lot_in_stock(ada, site)
    unit, free = make_units(ada, site, batch, 1)[0], lot_in_stock(ada, site)
    place_hold(ctx_for(ada, reason="cracks"), lots=[batch.pk], cause="quality")
    marks = {n.lot_id: n.held for n in trace(ada, [batch, free], "forward").answer().nodes}
    assert marks == {batch.pk: True, unit.pk: True, free.pk: False}
    assert "held" in MARKS


@pytest.mark.urs("TRC-03")
def test_facets_are_given_the_events_of_the_direction_asked(ada: User, site: Site) -> None:
    given: dict[str, set[int]] = {}

    def rows(event_ids: Any, lot_ids: Any) -> list[FacetRow]:
        given["events"] = set(event_ids)
        found = TraceEvent.objects.filter(pk__in=event_ids).count()
        assert found == len(event_ids)
        return [FacetRow("x", "", "")]

    facet("test", title="Test", order=1)(rows)
    material, product = make_lots(ada, site, 2)
    received = happen(ada, site, [], [material], kind="object", biz_step="receiving")
    made = happen(ada, site, [material], [product])
    looked = happen(ada, site, subjects=[product], kind="object", biz_step="inspecting")
    shipped = happen(ada, site, [product], kind="object", biz_step="shipping")
    try:
        trace(ada, [product], "backward").facets()
        assert given["events"] == {received.pk, made.pk, looked.pk}
        trace(ada, [material], "forward").facets()
        assert given["events"] == {made.pk, looked.pk, shipped.pk}
    finally:
        del FACETS["test"]


def test_many_ids_go_into_a_query_as_one_array(ada: User, site: Site) -> None:
    lots = make_lots(ada, site, 3)
    ids = IdSet(lot.pk for lot in lots)
    rows = Lot.objects.filter(pk__in=ids, batch__isnull=True)
    assert set(rows) == set(lots)
    assert str(rows.query).count("unnest") == 1
    events = TraceEvent.objects.filter(inputs__lot_id__in=ids, inputs__lot__in=ids)
    assert list(events) == []
    assert lots[0].pk in ids
    assert -1 not in ids
    assert list(Lot.objects.filter(pk__in=IdSet([]))) == []


def test_the_answer_in_words_counts_what_is_in_it(ada: User, site: Site) -> None:
    device = make_item(kind="product")
    material = make_lots(ada, site, 1)[0]
    batch = make_lots(ada, site, 1, item=device)[0]
    units = make_units(ada, site, batch, 4)
    happen(ada, site, [material], units)
    said = summary(trace(ada, [material], "forward"))
    assert said.answer.startswith("To 1 batch, 4 units")
    assert "1 lot of material" in summary(trace(ada, units[:1], "backward")).answer
    both = summary(trace(ada, [batch], "both")).answer
    assert both == "Made from 1 lot of material. To 4 units."
    lonely = make_lots(ada, site, 1)
    assert summary(trace(ada, lonely, "backward")).answer.startswith("Nothing is recorded")


def test_a_trace_of_nothing_is_empty_and_complete(ada: User) -> None:
    asked = Trace(Start(()), Direction.BOTH, ctx_for(ada).actor)
    answer = asked.answer()
    assert (answer.nodes, answer.links, answer.complete) == ([], [], True)


def test_who_holds_no_role_anywhere_sees_nothing(ada: User, site: Site) -> None:
    lot = make_lots(ada, site, 1)[0]
    stranger = User.objects.create(username="stranger", name="Stranger")
    answer = Trace(Start.lots(lot.pk), Direction.FORWARD, ctx_for(stranger).actor).answer()
    assert (answer.nodes, answer.complete) == ([], False)


@pytest.mark.parametrize(
    ("registry", "register"),
    [
        (ORIGINS, origins.origin("instrument", label="x", model="equipment.Instrument")),
        (ORIGINS, origins.lot_origin("supplier-lot", label="x", model="traceability.Lot")),
        (FACETS, origins.facet("suppliers", title="x", order=1)),
        (MARKS, origins.mark("held", label="x")),
        (FIGURES, origins.figure("shipped", label="x", sign=-1, order=1)),
        (TALLIES, origins.tally("customers", order=1)),
        (EXPOSURES, origins.exposure("lot", label="x", order=1)),
        (TELLINGS, origins.telling("made", title="x", order=1)),
    ],
)
def test_a_code_is_registered_once_and_the_first_stays(
    registry: dict[str, Any], register: Callable[[Any], Any]
) -> None:
    before = dict(registry)
    with pytest.raises(RegisteredTwice):
        register(lambda *given: [])
    assert registry == before
