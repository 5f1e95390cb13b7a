"""Typed refusals: the one way the system says no.

A refusal is an exception with a stable code, an HTTP status, a translatable sentence that says what
stands in the way and what to do next, and facts a machine can read. Nothing that refuses returns
``False`` or ``None``: a refused change must never look like a done one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True, slots=True)
class RecordRef:
    """A pointer to a record that people can follow: ``model`` is ``app_label.modelname``."""

    model: str
    pk: str
    label: str
    url: str = ""

    def as_json(self) -> dict[str, str]:
        """Return the reference in the shape used by problem documents."""
        return {"model": self.model, "id": self.pk, "label": self.label, "url": self.url}


@dataclass(frozen=True, slots=True)
class Blocker:
    """One reason why an operation cannot be done now, and the record that stands in the way."""

    code: str
    sentence: Text
    record: RecordRef | None = None
    waivable: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the blocker in the shape used by problem documents."""
        return {
            "code": self.code,
            "detail": str(self.sentence),
            "record": self.record.as_json() if self.record else None,
        }


@dataclass(frozen=True, slots=True)
class FieldFault:
    """What is wrong with one input field; ``row`` counts from 1 where the field is in a table."""

    name: str
    reason: str
    row: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the fault in the shape used by problem documents."""
        return {"field": self.name, "row": self.row, "reason": self.reason}


class DomainError(Exception):
    """Base of every refusal. Subclasses are named after the fact and fix code, status and sentence.

    ``sentence`` may hold ``%(name)s`` places that are filled from the facts given to the
    constructor.
    """

    code: ClassVar[str] = "core.refused"
    status: ClassVar[int] = 409
    sentence: ClassVar[Text] = _("This cannot be done.")
    told: ClassVar[tuple[str, ...]] = ()
    """Names of the facts that machines are told too, as members of the problem document."""

    def __init__(
        self,
        *,
        blockers: Sequence[Blocker] = (),
        faults: Sequence[FieldFault] = (),
        **facts: object,
    ) -> None:
        self.blockers = tuple(blockers)
        self.faults = tuple(faults)
        self.facts: Mapping[str, object] = facts
        super().__init__(self.code)

    @property
    def detail(self) -> str:
        """Return the sentence in the active language with its facts filled in."""
        return str(self.sentence) % self.facts if self.facts else str(self.sentence)

    def __str__(self) -> str:
        parts = [self.detail, *(str(b.sentence) for b in self.blockers)]
        parts += [f"{f.name}: {f.reason}" for f in self.faults]
        return " ".join(parts)


class InvalidInput(DomainError):
    """The shape of the input is wrong; every fault names field, row and reason."""

    code = "core.invalid_input"
    status = 422
    sentence = _(
        "Some of what was entered cannot be used. Correct the marked fields and send again."
    )


class NotYetHappened(DomainError):
    """The time told lies in the future."""

    code = "core.not_yet_happened"
    status = 422
    sentence = _("%(at)s lies in the future. Record what has happened.")


class MalformedBody(DomainError):
    """The body is not what its content type promises (broken JSON, invalid UTF-8)."""

    code = "core.malformed_body"
    status = 400
    sentence = _("The request could not be read: %(reason)s")


class BodyTooLarge(DomainError):
    """The body is larger than this endpoint takes."""

    code = "core.body_too_large"
    status = 413
    sentence = _("The request is larger than %(limit)s. Send it in smaller parts.")


class NotFound(DomainError):
    """No such record, or none that this person may see: the two answers are the same on purpose."""

    code = "core.not_found"
    status = 404
    sentence = _("There is no such %(what)s, or it belongs to a site you do not work at.")


class NotSignedIn(DomainError):
    """Nobody is acting."""

    code = "core.not_signed_in"
    status = 401
    sentence = _("Sign in first.")


class NotPermitted(DomainError):
    """The actor holds no role with this operation at this site."""

    code = "core.not_permitted"
    status = 403
    sentence = _("You hold no role that allows “%(operation)s” here. Ask the system administrator.")


class SamePerson(DomainError):
    """Segregation of duties: the person who did the earlier step may not do this one."""

    code = "core.same_person"
    status = 403
    sentence = _("%(person)s did “%(earlier)s”, so another person must do this.")


class Blocked(DomainError):
    """A gate answered with blockers; all of them are listed."""

    code = "core.blocked"
    status = 409
    sentence = _("Something stands in the way. Each reason below says what.")


class IllegalStep(DomainError):
    """The state table has no such step from the record's present state."""

    code = "core.illegal_step"
    status = 409
    sentence = _("“%(verb)s” is not possible while the state is “%(state)s”.")


class Stale(DomainError):
    """Someone changed the record after the caller read it."""

    code = "core.stale"
    status = 409
    sentence = _(
        "%(record)s was changed by someone else. Reload it and look again before you go on."
    )


class Busy(DomainError):
    """A lock was not obtained in time; nothing was done and the call may be repeated."""

    code = "core.busy"
    status = 503
    sentence = _("Somebody is working on the same records right now. Try again in a moment.")


class IdempotencyMismatch(DomainError):
    """An idempotency key was used again with other content."""

    code = "core.idempotency_mismatch"
    status = 422
    sentence = _("This idempotency key was already used with other content. Use a new key.")


@dataclass(slots=True)
class BlockerList:
    """Collects blockers so that all of them come back together."""

    items: list[Blocker] = field(default_factory=list)

    def add(self, code: str, sentence: Text, record: RecordRef | None = None) -> None:
        """Add one blocker."""
        self.items.append(Blocker(code, sentence, record))

    def raise_if_any(self) -> None:
        """Raise ``Blocked`` with everything collected, or do nothing."""
        if self.items:
            raise Blocked(blockers=self.items)
