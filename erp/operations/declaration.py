"""How an operation is declared."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from django.apps import apps
from django.db.models import Model

from audit.meanings import Meaning
from erp.core.context import Context
from erp.core.errors import Text
from erp.core.states import StateTable
from erp.operations.inputs import OperationInput
from erp.operations.registry import REGISTRY

P = ParamSpec("P")
R = TypeVar("R")

EarlierStep = tuple[int, str, Text]
"""Who did an earlier step that bars them from this one: user id, printed name, what they did."""


class Reason(StrEnum):
    """Whether a person must say why."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


class Nothing(OperationInput):
    """The input of operations that ask nothing."""


@dataclass(frozen=True)
class Operation(Generic[P, R]):
    """One operation. Calling it is the same from every door: ``release_lot(ctx, lot_id=7)``.

    ``subject`` is the model (``app.Model``) whose record it acts on, passed to the function as
    ``subject_arg``; ``creates`` the model it makes. ``noun`` and ``verb`` give the REST path.
    ``site_of(subject, values)`` says at which site permission is needed (default: the subject's
    ``site_id``, else ``site_id`` among the values, else anywhere); several sites: at each of them.
    ``gate`` is asked by the function after locking, over ``gate_ids(subject)``; the dialog asks
    the same beforehand. ``states`` and ``step`` name the state table and its verb.
    ``signs(result)`` is the exact content signed. ``other_than(subject)`` lists who may not do
    this because of what they did before.
    """

    code: str
    function: Callable[Concatenate[Context, P], R]
    title: Text
    sentence: Text
    noun: str
    verb: str
    input: type[OperationInput] = Nothing
    subject: str = ""
    subject_arg: str = ""
    creates: str = ""
    site_of: Callable[[Any, Mapping[str, Any]], int | Collection[int] | None] | None = None
    gate: str = ""
    gate_ids: Callable[[Any], Sequence[int]] | None = None
    states: StateTable[Any] | None = None
    step: str = ""
    signed_as: Meaning | None = None
    signs: Callable[[Any], Mapping[str, Any]] | None = None
    signs_then: Callable[[Any, uuid.UUID], Mapping[str, Any] | None] | None = None
    """``signs_then(subject, operation id)``: the content as it stands now of what an earlier call
    signed, where each call makes a record of its own (a lot released, returned and released again).
    """
    other_than: Callable[[Any], Sequence[EarlierStep]] | None = None
    reason: Reason = Reason.OPTIONAL
    blockers: Callable[[Any, Any], Sequence[Any]] | None = None
    """Further reasons known beforehand, ``blockers(subject, actor)``; the function checks them too.
    """
    applies: Callable[[Any], bool] | None = None
    """False where the operation makes no sense for a record at all and is not even shown; what it
    calls refuses it too. Whatever may come to pass later belongs into ``blockers``.
    """
    primary: bool = False
    danger: bool = False
    machine: bool = False
    """True where service accounts are meant to call it."""
    tells_time: bool = False
    """True where something happens in the plant, which may be recorded later than it happened."""
    hidden: bool = False
    """True for operations that have no button (called by machines and tasks)."""

    def __call__(self, ctx: Context, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Go through the door. By position alone: a field of a request may be called ``ctx``."""
        from erp.operations import door  # noqa: PLC0415 - the door imports this module

        result: R = door.call(self, ctx, dict(kwargs))
        return result

    def subject_model(self) -> type[Model]:
        """Return the class of the subject."""
        return apps.get_model(self.subject)


def operation(
    code: str, *, title: Text, sentence: Text, noun: str, verb: str, **more: Any
) -> Callable[[Callable[Concatenate[Context, P], R]], Operation[P, R]]:
    """Declare the decorated function as the operation ``code`` (see :class:`Operation`)."""

    def declare(function: Callable[Concatenate[Context, P], R]) -> Operation[P, R]:
        declared = Operation(
            code=code,
            function=function,
            title=title,
            sentence=sentence,
            noun=noun,
            verb=verb,
            **more,
        )
        _refuse_half_declared(declared)
        REGISTRY[code] = declared
        return declared

    return declare


def _refuse_half_declared(op: Operation[Any, Any]) -> None:
    if op.code in REGISTRY:
        raise ValueError(f"operation {op.code} is declared twice")
    if bool(op.signed_as) != bool(op.signs):
        raise ValueError(f"{op.code}: signed_as and signs go together")
    if bool(op.subject) != bool(op.subject_arg):
        raise ValueError(f"{op.code}: subject and subject_arg go together")
    if bool(op.states) != bool(op.step):
        raise ValueError(f"{op.code}: states and step go together")
