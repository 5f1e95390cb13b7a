"""A partner's system with a token, and the service that works in the background."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from erp.accounts.models import Site, User
from tests.traceability.epcis.builders import Caller, make_service, make_system


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def service(db: None) -> User:
    """Return the account of the background work."""
    return make_service()


@pytest.fixture
def acme(site: Site) -> User:
    """Return the account of a partner's system."""
    return make_system(site)


@pytest.fixture
def caller(acme: User, ada: User, service: User) -> Caller:
    """Return the partner's system, ready to call."""
    return Caller(acme, ada)
