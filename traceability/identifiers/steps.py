"""Writes of the registry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from erp.core import clock
from erp.core.context import Context
from erp.masterdata.models import Item, ItemRevision
from traceability.identifiers import rules
from traceability.identifiers.errors import (
    DayNotYet,
    DoubtfulIdentifier,
    IdentifierTaken,
    InvalidIdentifier,
    PrefixLengthOfOthers,
    UnknownRevision,
    WithdrawnBeforeValid,
    WrongPackaging,
)
from traceability.identifiers.models import DeviceIdentifier
from traceability.identifiers.packaging import packaging_faults
from traceability.identifiers.queries import by_di
from traceability.identifiers.states import IDENTIFIER, IdentifierState

CONTENT = (
    "issuer", "level", "market", "primary", "company_prefix_length", "contains_id",
    "contained_quantity", "belongs_to_id", "replaces_id", "prior_di",
)  # fmt: skip
"""Fields written as they were given."""


def write_identifier(
    identifier: DeviceIdentifier, values: Mapping[str, Any], family: Sequence[DeviceIdentifier]
) -> DeviceIdentifier:
    """Write a new identifier or a corrected draft, after every rule of issuer and packaging."""
    for name in CONTENT:
        setattr(identifier, name, values[name])
    identifier.di = rules.as_kept(values["issuer"], values["di"])
    identifier.check_accepted = _checked(values)
    identifier.revision = _revision(identifier.item, values["revision"])
    if identifier.company_prefix_length and identifier.issuer != "GS1":
        raise PrefixLengthOfOthers
    refuse_packaging(identifier, family)
    _refuse_taken(identifier)
    return _save_once(identifier)


def _checked(values: Mapping[str, Any]) -> bool:
    """Refuse a wrong DI; return whether a doubtful one was accepted knowingly."""
    issuer, di = values["issuer"], values["di"]
    faults = rules.faults_of(issuer, di)
    for fault in faults:
        if fault.doubtful and values["accept_warning"]:
            continue
        refusal = DoubtfulIdentifier if fault.doubtful else InvalidIdentifier
        raise refusal(
            di=di,
            issuer=issuer,
            reason=fault.reason,
            position=fault.position,
            found=fault.found,
            expected=fault.expected,
        )
    return bool(faults)


def _revision(item: Item, revision: str) -> ItemRevision | None:
    if not revision:
        return None
    found = ItemRevision.objects.filter(item=item, revision=revision).first()
    if found is None:
        raise UnknownRevision(item=item.code, revision=revision)
    return found


def refuse_packaging(identifier: DeviceIdentifier, family: Sequence[DeviceIdentifier]) -> None:
    """Raise ``WrongPackaging`` with every reason why the packaging is impossible."""
    faults = packaging_faults(identifier, family)
    if faults:
        raise WrongPackaging(blockers=faults)


def _refuse_taken(identifier: DeviceIdentifier) -> None:
    """Raise ``IdentifierTaken`` where the number was given, in whichever form it is kept."""
    owner = by_di(identifier.issuer, identifier.di).exclude(pk=identifier.pk).first()
    if owner is not None:
        raise IdentifierTaken(di=identifier.di, item=owner.item.code)


def _save_once(identifier: DeviceIdentifier) -> DeviceIdentifier:
    """Save under a number that must be new; of two at once one wins (21 CFR 830.40)."""
    try:
        with transaction.atomic():
            identifier.save()
    except IntegrityError:
        _refuse_taken(identifier)
        raise
    return identifier


def link_packaging(
    package: DeviceIdentifier, contains_id: int, quantity: int, family: Sequence[DeviceIdentifier]
) -> None:
    """Write what a locked draft package contains."""
    IDENTIFIER.next(IdentifierState(package.state), "link packaging")
    package.contains_id = contains_id
    package.contained_quantity = quantity
    refuse_packaging(package, family)
    package.save(update_fields=["contains", "contained_quantity"])


def activate(ctx: Context, identifier: DeviceIdentifier, valid_from: dt.date | None) -> None:
    """Let a locked identifier stand on labels."""
    identifier.state = IDENTIFIER.next(IdentifierState(identifier.state), "activate")
    identifier.valid_from = day_of(ctx, valid_from)
    identifier.save(update_fields=["state", "valid_from"])


def withdraw(ctx: Context, identifier: DeviceIdentifier, withdrawn_on: dt.date | None) -> None:
    """Take a locked identifier off all new labels. Goods that carry it are found as before."""
    identifier.state = IDENTIFIER.next(IdentifierState(identifier.state), "withdraw")
    identifier.withdrawn_on = day_of(ctx, withdrawn_on)
    since = identifier.valid_from
    if since and identifier.withdrawn_on < since:
        raise WithdrawnBeforeValid(di=identifier.di, since=since)
    identifier.save(update_fields=["state", "withdrawn_on"])


def day_of(ctx: Context, day: dt.date | None) -> dt.date:
    """Return the day given, else today; a day to come is refused."""
    today = ctx.at.date() if ctx.at else clock.today()
    if day is not None and day > today:
        raise DayNotYet(day=day)
    return day or today
