"""How a registry's field is declared: where its value comes from, when it must be there, and why.

A field without a clause comes from the registry's data format or from practice that was not
confirmed at its source: pages say so ("to be confirmed with the authority") instead of showing
it as law.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from erp.core.errors import Text
from traceability.datasheets.facts import Facts

Value = str | int | Sequence[Mapping[str, str]] | None
"""Text, whole number, or rows. Yes and no are ``true`` and ``false``, dates are ISO 8601."""
Values = Mapping[str, Value]

YES, NO = "true", "false"


class FieldKind(StrEnum):
    """What a value looks like."""

    TEXT = "text"
    YES_NO = "yes_no"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    ROWS = "rows"


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column of a field with rows. ``path`` is its place in the exported row, dots for
    nesting; without one it is the code. Rows of a single column are exported as a plain list.
    """

    code: str
    label: Text
    path: str = ""


@dataclass(frozen=True, slots=True)
class SheetField:
    """One field of a registry.

    ``source(facts)`` reads what the system knows; what it does not know (``None``) is asked where
    ``asked`` is set. ``when(values)`` says when the field applies at all; ``check(value)`` returns
    what is wrong with a value.
    """

    code: str
    label: Text
    kind: FieldKind = FieldKind.TEXT
    source: Callable[[Facts], Value] | None = None
    asked: bool = True
    required: bool = False
    when: Callable[[Values], bool] | None = None
    choices: Sequence[tuple[str, Text]] = ()
    columns: Sequence[SheetColumn] = ()
    path: str = ""
    clause: str = ""
    check: Callable[[Value], Text | None] | None = None

    @property
    def confirmed(self) -> bool:
        """Tell whether the field was read in the law itself."""
        return bool(self.clause)


def known(code: str, label: Text, source: Callable[[Facts], Value], **more: object) -> SheetField:
    """Return a field that only the system's own records fill."""
    return SheetField(code, label, source=source, asked=False, **more)  # type: ignore[arg-type]


def yes_no(code: str, label: Text, **more: object) -> SheetField:
    """Return a question that is answered by yes or no."""
    return SheetField(code, label, FieldKind.YES_NO, **more)  # type: ignore[arg-type]


def number(code: str, label: Text, **more: object) -> SheetField:
    """Return a field for a whole number above zero."""
    return SheetField(code, label, FieldKind.NUMBER, **more)  # type: ignore[arg-type]


def is_yes(code: str) -> Callable[[Values], bool]:
    """Return the condition that a question was answered by yes."""
    return lambda values: values.get(code) == YES


def is_no(code: str) -> Callable[[Values], bool]:
    """Return the condition that a question was answered by no."""
    return lambda values: values.get(code) == NO


def word(value: object) -> Value:
    """Return yes or no as registries write it, nothing for what is not known."""
    return None if value is None else YES if value else NO


YES_NO_CHOICES = ((YES, _("yes")), (NO, _("no")))
