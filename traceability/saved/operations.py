"""Keeping a trace as it was answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

from django.utils.translation import gettext_lazy as _

from erp.core.context import Context
from erp.operations import operation
from traceability.saved import questions, steps
from traceability.saved.inputs import SaveTrace
from traceability.saved.models import SavedTrace


class Given(TypedDict, total=False):
    """The fields of a question that may be left out."""

    title: str
    since: str
    until: str
    as_known: str
    depth: int | None


def _anywhere(_subject: Any, _values: Any) -> int | None:
    """Whoever sees lots may keep what the trace shows of them."""
    return None


@operation(
    "traceability.save_trace",
    title=_("Save trace"),
    sentence=_(
        "The question and its answer are kept as they are now, with a hash. They can be opened"
        " again and compared with what is known later."
    ),
    noun="saved-traces",
    verb="save",
    creates="traceability.SavedTrace",
    input=SaveTrace,
    site_of=_anywhere,
    machine=True,
)
def save_trace(
    ctx: Context, *, start: Sequence[str], direction: str, **given: Unpack[Given]
) -> SavedTrace:
    """Ask the question and keep the answer: lots with level and reason, links, sums, hash.

    ``given`` are the further fields of :class:`SaveTrace`.
    """
    question = questions.read({"start": start, "direction": direction, **given})
    return steps.save(ctx, question, question.trace(ctx.actor), given.get("title") or "")
