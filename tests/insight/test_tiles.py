"""The figures of the home page: each opens the list of exactly what it counts."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from erp.accounts.models import Site, User
from erp.accounts.queries import actor_for
from erp.insight import tiles
from erp.ui import listing
from erp.ui.records import KINDS
from tests.inventory.builders import lot_in_stock

pytestmark = pytest.mark.urs("INS-01", "INS-02")


def test_every_count_is_that_of_the_list_it_opens(ada: User, site: Site) -> None:
    """The tile and the list cannot disagree."""
    lot_in_stock(ada, site, state="quarantine")
    actor = actor_for(ada)

    shown = tiles.counted(actor)

    assert len(shown) == len(tiles.COUNTED)
    for tile in shown:
        parts = urlsplit(tile.url)
        kind = KINDS[parts.path.strip("/")]
        page = listing.page(kind, actor, dict(parse_qsl(parts.query)))
        assert str(page.count) == tile.value, tile.label


@pytest.mark.parametrize("figure", tiles.COUNTED, ids=lambda f: str(f.label))
def test_each_figure_is_one_query(figure: tiles.Counted, ada: User, site: Site) -> None:
    """However much there is to count."""
    actor = actor_for(ada)
    lot_in_stock(ada, site, state="quarantine")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        figure.tile(actor)

    assert len(queries) == 1, [q["sql"] for q in queries]


def test_people_of_another_site_are_not_counted_for(ben: User, dan: User, site: Site) -> None:
    """Dan sees no lot of ours, in no figure."""
    lot_in_stock(ben, site, state="quarantine")

    mine, theirs = (
        {str(t.label): t.value for t in tiles.counted(actor_for(user))} for user in (ben, dan)
    )

    assert mine["Lots in quarantine"] == "1"
    assert theirs["Lots in quarantine"] == "0"


def test_a_buyer_sees_what_concerns_buying(person: Any, site: Site) -> None:
    """Figures follow what somebody may do; whoever only reads sees all of them."""
    buyer = person("bea", may=["procurement.place_order"], site=site)
    auditor = person("aud", may=["evidence.request_pack", "read.operation_log"])
    administrator = person("adm", may=["organisation.register_person", "read.people"])

    labels = [str(t.label) for t in tiles.counted(actor_for(buyer))]

    assert labels == ["Purchase orders overdue"]
    assert len(tiles.counted(actor_for(auditor))) == len(tiles.COUNTED)
    assert tiles.counted(actor_for(administrator)) == []


def test_rates_say_nothing_before_anything_was_decided(ada: User) -> None:
    """No batch, no percentage."""
    assert tiles.rates(actor_for(ada)) == []
