"""Fixtures of the tests of the generated doors."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from erp.accounts.models import Site, User
from erp.operations import REGISTRY
from erp.organisation.permissions import READS
from tests.conftest import make_person
from tests.ui.rows import Filler

As = Callable[[User], Client]


@pytest.fixture
def signed_in() -> As:
    """Return a maker of browsers in which a person is signed in: ``signed_in(ada)``."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def ada(db: None) -> User:
    """Ada may do and read everything, everywhere: pages show her all they can."""
    return make_person("ada", may=[*REGISTRY, *READS])


@pytest.fixture
def filler(site: Site, ada: User) -> Filler:
    """Return what makes rows in any table."""
    return Filler(site, ada)
