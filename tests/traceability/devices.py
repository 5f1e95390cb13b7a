"""Makes devices with identifiers and data sheets for tests, through the operations."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from erp.accounts.models import User
from erp.masterdata.models import Item
from tests.conftest import ctx_for, signed
from tests.masterdata.builders import make_item
from traceability.identifiers.models import DeviceIdentifier
from traceability.identifiers.operations import activate_identifier, register_identifier
from traceability.identifiers.states import IdentifierState
from traceability.udi.check_digits import mod10


def gtin() -> str:
    """Return a GTIN-14 that no other test has, under the prefix for demonstrations."""
    body = f"0952{uuid.uuid4().int % 10**9:09d}"
    return body + mod10(body)


def make_device(**more: Any) -> Item:
    """Make a device as it is sold, under a number that no test before it left behind."""
    more.setdefault("code", f"DEV-{uuid.uuid4().hex[:8]}")
    values = {"kind": "product", "tracking": "both", "catalogue": "M-1", **more}
    return make_item(**{"manufacturer": "Nordhelm", "risk_class": "IIb", **values})


def draft(user: User, item: Item, **more: Any) -> DeviceIdentifier:
    """Register an identifier: a GTIN on the base package, unless said otherwise."""
    values = {"issuer": "GS1", "di": gtin(), **more}
    return register_identifier(ctx_for(user), item_id=item.pk, **values)


def active(user: User, approver: User, item: Item, **more: Any) -> DeviceIdentifier:
    """Register an identifier and have another person activate it."""
    identifier = draft(user, item, **more)
    return activate_identifier(signed(approver), identifier_id=identifier.pk)


def identified(item: Item, di: str) -> DeviceIdentifier:
    """Give an item an active GTIN where a test is about something else than giving it."""
    return DeviceIdentifier.objects.create(
        item=item,
        issuer="GS1",
        di=di.zfill(14),
        state=IdentifierState.ACTIVE,
        valid_from=dt.date(2020, 1, 1),
    )
