"""Within one page, and within one asking of a gate, the same question is put to the database once.

A page is built of parts that do not know each other: the badges, every gate of every button and the
sections all ask which holds reach a lot. So do the checks of one gate. Inside :func:`reading`
functions marked :func:`asked_once` answer from memory what they answered before. Nothing is written
there: an operation decides on what it has read since it locked it, and forgets it before it writes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import TypeVar

Answer = TypeVar("Answer")

_answers: ContextVar[dict[object, object] | None] = ContextVar("answers", default=None)


@contextmanager
def reading() -> Iterator[None]:
    """Remember answers until the end of the outermost block; never shared between requests."""
    if _answers.get() is not None:
        yield
        return
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def asked_once(
    question: Callable[[Collection[int]], Answer],
) -> Callable[[Collection[int]], Answer]:
    """Remember, inside :func:`reading`, the answer of a function of some ids.

    The answer is shared by everybody who asks: it is read, never changed.
    """

    @wraps(question)
    def answer(ids: Collection[int]) -> Answer:
        known = _answers.get()
        if known is None:
            return question(ids)
        key = (question, frozenset(ids))
        if key not in known:
            known[key] = question(ids)
        return known[key]  # type: ignore[return-value]

    return answer
