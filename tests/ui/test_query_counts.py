"""How many queries every list and record page takes: recorded, and the same for few rows and many.

The recorded numbers are a budget. A change that needs other numbers records them anew, on purpose:
``PROOFLINE_RECORD_QUERIES=1 ./run test tests/ui/test_query_counts.py``.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from erp.accounts.models import User
from erp.ui.records import KINDS
from tests.ui.conftest import As
from tests.ui.rows import Filler, nouns, with_page

COUNTS = Path(__file__).with_name("query_counts.json")
RECORDING = bool(os.environ.get("PROOFLINE_RECORD_QUERIES"))
FEW = 3
MANY = 60

pytestmark = pytest.mark.django_db


def taken(client: Client, url: str) -> list[str]:
    """Return the statements that a warm page takes."""
    assert client.get(url).status_code == 200, url
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    # The session comes from the cache, and from its table after another test emptied the cache.
    said = [q["sql"] for q in captured.captured_queries]
    return [sql for sql in said if not sql.startswith('SELECT "django_session"')]


def recorded() -> dict[str, dict[str, int]]:
    """Return the budget."""
    found: dict[str, dict[str, int]] = json.loads(COUNTS.read_text()) if COUNTS.exists() else {}
    return found


def keep(noun: str, door: str, number: int) -> None:
    """Write one number into the budget."""
    counts = recorded()
    counts.setdefault(noun, {})[door] = number
    COUNTS.write_text(json.dumps(counts, indent=1, sort_keys=True) + "\n")


def check(noun: str, door: str, few: list[str], many: list[str]) -> None:
    """Compare few rows with many, then with the budget."""
    assert len(many) == len(few), _what_grew(few, many)
    if RECORDING:
        keep(noun, door, len(few))
    assert recorded().get(noun, {}).get(door) == len(few), "\n".join(few)


def _what_grew(few: list[str], many: list[str]) -> str:
    """Name the statements that come more often with more rows, by their beginnings."""

    def shape(statement: str) -> str:
        return re.sub(r"\d+", "0", statement).split(" WHERE ")[0][:240]

    grown = {
        shape(s)
        for s in many
        if sum(shape(s) == shape(x) for x in many) > sum(shape(s) == shape(x) for x in few)
    }
    return f"{len(few)} queries with {FEW} rows, {len(many)} with {MANY}:\n" + "\n".join(
        sorted(grown)
    )


@pytest.mark.parametrize("noun", nouns())
def test_a_list_takes_the_same_queries_for_few_rows_and_many(
    noun: str, filler: Filler, ada: User, signed_in: As
) -> None:
    client = signed_in(ada)
    model: Any = KINDS[noun].model_class()
    filler.fill(model, FEW)
    few = taken(client, f"/{noun}/")
    filler.fill(model, MANY - FEW)
    check(noun, "list", few, taken(client, f"/{noun}/"))


@pytest.mark.parametrize("noun", with_page())
def test_a_record_takes_the_same_queries_for_few_companions_and_many(
    noun: str, filler: Filler, ada: User, signed_in: As
) -> None:
    client = signed_in(ada)
    record = filler.fill(KINDS[noun].model_class(), 1)[0]
    url = KINDS[noun].url(record.pk)
    filler.companions(record, FEW)
    few = taken(client, url)
    filler.companions(record, MANY - FEW)
    check(noun, "record", few, taken(client, url))
