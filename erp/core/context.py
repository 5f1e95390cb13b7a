"""The context of a change: who, through which door, why, signed how, against which version."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from erp.core.actor import Actor
from erp.core.events import dispatch


class Channel(StrEnum):
    """The door a call came through."""

    WEB = "web"
    API = "api"
    TASK = "task"
    CLI = "cli"
    TEST = "test"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class SigningProof:
    """What a person gives to sign: identity again, secret again, and the meaning they agree to.

    Source: 21 CFR 11.200(a)(1), two distinct components at each signing.
    """

    username: str
    password: str = field(repr=False)
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """The version of the subject that the caller looked at before deciding (optimistic lock)."""

    model: str
    pk: str
    version: int


@dataclass(frozen=True)
class Context:
    """Everything an operation knows about its call apart from its own inputs.

    Frozen. ``operation_id`` is given by the door and stamps every row written under it.
    """

    actor: Actor
    channel: Channel
    request_id: str = ""
    address: str | None = None
    reason: str = ""
    signature: SigningProof | None = None
    idempotency_key: str | None = None
    expected: Expected | None = None
    operation_id: uuid.UUID | None = None
    operation_code: str = ""
    at: dt.datetime | None = None
    notes: dict[str, Any] = field(default_factory=dict, compare=False)
    """What steps and gates leave for the log (concessions used, records touched)."""

    @property
    def run_id(self) -> uuid.UUID:
        """Return the id of the run; only the door gives one, so outside of it this is a mistake."""
        if self.operation_id is None:
            raise LookupError("this context did not come through the door")
        return self.operation_id

    def emit(self, event: object) -> None:
        """Tell the higher apps a fact, inside this transaction."""
        dispatch(self, event)

    def within(self, code: str, operation_id: uuid.UUID) -> Context:
        """Return this context bound to one run of one operation."""
        return replace(self, operation_code=code, operation_id=operation_id, notes={})

    def expecting(self, model: str, pk: str, version: int) -> Context:
        """Return this context with the version the caller has seen."""
        return replace(self, expected=Expected(model, pk, version))
