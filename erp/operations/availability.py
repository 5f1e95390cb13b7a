"""What a person could do with a record now, and what stands in the way: the door asked
beforehand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from erp import gates
from erp.core.actor import Actor
from erp.core.errors import Blocker, DomainError, IllegalStep, NotPermitted, SamePerson
from erp.operations import door
from erp.operations.declaration import Operation
from erp.operations.registry import creating, for_model


@dataclass(frozen=True, slots=True)
class Offer:
    """An operation as offered to one person on one record."""

    operation: Operation[Any, Any]
    blockers: tuple[Blocker, ...]


def offers(actor: Actor, record: Model) -> list[Offer]:
    """Return the operations on ``record`` that the actor's roles hold, each with its blockers."""
    held = [op for op in for_model(record._meta.label) if not op.hidden and actor.may(op.code)]
    fit = [op for op in held if op.applies is None or op.applies(record)]
    found = [Offer(op, tuple(blockers_of(op, actor, record))) for op in fit]
    return sorted(found, key=lambda o: (bool(o.blockers), not o.operation.primary))


def creation_offers(actor: Actor, model_label: str) -> list[Offer]:
    """Return the operations that make a record of this model and that the actor's roles hold."""
    return [Offer(op, ()) for op in creating(model_label) if not op.subject and actor.may(op.code)]


def blockers_of(op: Operation[Any, Any], actor: Actor, record: Any) -> Iterable[Blocker]:
    """Return everything that would refuse ``op`` on ``record`` now."""
    if not all(actor.may(op.code, site) for site in door.sites_of(op, record, {})):
        yield _as_blocker(NotPermitted(operation=op.title))
    for user_id, name, earlier in op.other_than(record) if op.other_than else ():
        if user_id == actor.user_id:
            yield _as_blocker(SamePerson(person=name, earlier=earlier))
    if op.states is not None:
        state = getattr(record, "state", "")
        if not op.states.allows(state, op.step):
            label = op.states.labels.get(state, state)
            yield _as_blocker(IllegalStep(verb=op.title, state=label))
            return
    if op.gate and op.gate_ids is not None:
        yield from gates.blockers(op.gate, op.gate_ids(record), actor)
    if op.blockers is not None:
        yield from op.blockers(record, actor)


def _as_blocker(refusal: DomainError) -> Blocker:
    return Blocker(refusal.code, refusal.detail)
