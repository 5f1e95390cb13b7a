"""Changes of the registry of device identifiers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.meanings import Meaning
from erp.core.context import Context
from erp.core.errors import Blocked, Blocker
from erp.masterdata.locking import lock_item
from erp.operations import Reason, operation
from erp.operations.declaration import EarlierStep
from traceability.identifiers import inputs, locking, steps
from traceability.identifiers.gates import activation_blockers, withdrawal_blockers
from traceability.identifiers.models import PACKAGES, DeviceIdentifier
from traceability.identifiers.states import IDENTIFIER


def _refuse(blockers: Sequence[Blocker]) -> None:
    if blockers:
        raise Blocked(blockers=blockers)


def _registrar(identifier: DeviceIdentifier) -> Sequence[EarlierStep]:
    if identifier.registered_by is None:
        return []
    person = identifier.registered_by
    return [(person.pk, str(person), _("register the identifier"))]


def identifier_content(identifier: DeviceIdentifier) -> dict[str, Any]:
    """Return what the activation signs; none of it changes afterwards."""
    return {
        "item": identifier.item.code,
        "revision": identifier.revision.revision if identifier.revision else "",
        "level": identifier.level,
        "market": identifier.market,
        "issuer": identifier.issuer,
        "di": identifier.di,
        "primary": identifier.primary,
        "company_prefix_length": identifier.company_prefix_length,
        "check_accepted": identifier.check_accepted,
        "contains": identifier.contains.di if identifier.contains else "",
        "contained_quantity": identifier.contained_quantity,
        "belongs_to": identifier.belongs_to.di if identifier.belongs_to else "",
        "replaces": identifier.replaces.di if identifier.replaces else "",
        "prior_di": identifier.prior_di,
        "valid_from": identifier.valid_from,
    }


@operation(
    "traceability.register_identifier",
    title=_("New device identifier"),
    sentence=_("The number is given to this item for ever. Another person activates it."),
    noun="device-identifiers",
    verb="register",
    creates="traceability.DeviceIdentifier",
    input=inputs.RegisterIdentifier,
    machine=True,
)
def register_identifier(ctx: Context, /, *, item_id: int, **values: Any) -> DeviceIdentifier:
    """Register a UDI-DI as a draft; it is never given again (21 CFR 830.40)."""
    item = lock_item(ctx, item_id)
    family = list(DeviceIdentifier.objects.filter(item=item))
    draft = DeviceIdentifier(item=item, registered_by_id=ctx.actor.user_id)
    return steps.write_identifier(draft, values, family)


@operation(
    "traceability.correct_identifier",
    title=_("Correct draft"),
    sentence=_("The draft is written anew. What stood there before stays in the history."),
    noun="device-identifiers",
    verb="correct",
    subject="traceability.DeviceIdentifier",
    subject_arg="identifier_id",
    input=inputs.CorrectIdentifier,
    states=IDENTIFIER,
    step="correct",
)
def correct_identifier(ctx: Context, /, *, identifier_id: int, **values: Any) -> DeviceIdentifier:
    """Correct a draft: it never stood on a label, so its number is free again if it changes."""
    identifier, family = locking.lock_family(ctx, identifier_id)
    IDENTIFIER.next(identifier.state, "correct")  # type: ignore[arg-type]
    identifier.registered_by_id = ctx.actor.user_id
    return steps.write_identifier(identifier, values, family)


def _only_packages(identifier: DeviceIdentifier, _actor: Any) -> list[Blocker]:
    if identifier.level in PACKAGES:
        return []
    sentence = _("This identifier stands on no package, so nothing can be inside.")
    return [Blocker("identifier.not_a_package", sentence)]


@operation(
    "traceability.link_packaging",
    title=_("Link packaging"),
    sentence=_("The package is said to contain this many of a smaller one."),
    noun="device-identifiers",
    verb="link-packaging",
    subject="traceability.DeviceIdentifier",
    subject_arg="identifier_id",
    input=inputs.LinkPackaging,
    states=IDENTIFIER,
    step="link packaging",
    blockers=_only_packages,
)
def link_packaging(
    ctx: Context, *, identifier_id: int, contains_id: int, contained_quantity: int
) -> DeviceIdentifier:
    """Say what a draft package contains; a changed package gets a new DI (21 CFR 830.50)."""
    package, family = locking.lock_family(ctx, identifier_id)
    steps.link_packaging(package, contains_id, contained_quantity, family)
    return package


@operation(
    "traceability.activate_identifier",
    title=_("Activate"),
    sentence=_("From then on labels carry this identifier. What it stands for is fixed."),
    noun="device-identifiers",
    verb="activate",
    subject="traceability.DeviceIdentifier",
    subject_arg="identifier_id",
    input=inputs.ActivateIdentifier,
    states=IDENTIFIER,
    step="activate",
    signed_as=Meaning.APPROVED,
    signs=identifier_content,
    other_than=_registrar,
    blockers=activation_blockers,
    primary=True,
)
def activate_identifier(
    ctx: Context, *, identifier_id: int, valid_from: dt.date | None = None
) -> DeviceIdentifier:
    """Activate an identifier, with signature, by another person than the one who registered it."""
    identifier, _family = locking.lock_family(ctx, identifier_id)
    IDENTIFIER.next(identifier.state, "activate")  # type: ignore[arg-type]
    _refuse(activation_blockers(identifier))
    steps.activate(ctx, identifier, valid_from)
    return identifier


@operation(
    "traceability.withdraw_identifier",
    title=_("Withdraw"),
    sentence=_("No new label carries this identifier. It is never given to anything else."),
    noun="device-identifiers",
    verb="withdraw",
    subject="traceability.DeviceIdentifier",
    subject_arg="identifier_id",
    input=inputs.WithdrawIdentifier,
    states=IDENTIFIER,
    step="withdraw",
    blockers=withdrawal_blockers,
    reason=Reason.REQUIRED,
    danger=True,
)
def withdraw_identifier(
    ctx: Context, *, identifier_id: int, withdrawn_on: dt.date | None = None
) -> DeviceIdentifier:
    """Withdraw an identifier for good; goods that carry it keep it and are found by it."""
    identifier, _family = locking.lock_family(ctx, identifier_id)
    IDENTIFIER.next(identifier.state, "withdraw")  # type: ignore[arg-type]
    _refuse(withdrawal_blockers(identifier))
    steps.withdraw(ctx, identifier, withdrawn_on)
    return identifier
