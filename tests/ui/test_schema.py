"""The OpenAPI document names every operation and every kind, each once."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from erp.accounts.models import User
from erp.operations import REGISTRY
from erp.ui.records import KINDS
from tests.conftest import PASSWORD


@pytest.mark.urs("INT-01")
def test_every_operation_and_kind_is_described_once(ada: User) -> None:
    client = Client()
    assert client.login(username="ada", password=PASSWORD)
    document = json.loads(client.get("/api/v1/schema/?format=json").content)
    named = [call["operationId"] for path in document["paths"].values() for call in path.values()]
    assert len(named) == len(set(named))
    assert {code.replace(".", "_") for code in REGISTRY} <= set(named)
    assert {f"list_{noun.replace('-', '_')}" for noun in KINDS} <= set(named)


def test_a_stranger_gets_no_description(db: None) -> None:
    assert Client().get("/api/v1/schema/?format=json").status_code == 401
