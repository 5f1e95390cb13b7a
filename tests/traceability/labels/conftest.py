"""A lot with units of a device that may be labelled."""

from __future__ import annotations

import pytest

from erp.accounts.models import Site, User
from tests.traceability.labels.builders import approved, batch_of, device, identify
from traceability.labels.models import LabelTemplate
from traceability.models import Lot


@pytest.fixture
def lot(ben: User, site: Site) -> Lot:
    """Return a lot of three units of a device with an identifier."""
    item = device()
    identify(item)
    return batch_of(ben, site, item)


@pytest.fixture
def template(ada: User, ben: User, lot: Lot) -> LabelTemplate:
    """Return an approved template for the units of the lot."""
    return approved(ada, ben, lot.item)
