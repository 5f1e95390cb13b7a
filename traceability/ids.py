"""Many ids as one value: a collection that goes into SQL as one array."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, Expression
from django.db.models.sql.compiler import SQLCompiler


def id_array(ids: Iterable[int]) -> str:
    """Return ids as the text of a PostgreSQL array: one parameter, however many they are."""
    return "{" + ",".join(map(str, ids)) + "}"


class IdSet(Collection[int]):
    """A set of ids, kept compact, that Django puts into ``__in`` as a single array parameter.

    A plain list of 100,000 ids becomes 100,000 parameters to be adapted, and a statement of that
    length; this becomes ``IN (SELECT unnest(array))``.
    """

    def __init__(self, ids: Iterable[int]) -> None:
        self._ids = array("q", ids)
        self._members: frozenset[int] | None = None

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[int]:
        return iter(self._ids)

    def __contains__(self, pk: object) -> bool:
        if self._members is None:
            self._members = frozenset(self._ids)
        return pk in self._members

    def __repr__(self) -> str:
        return f"<{len(self)} ids>"

    @cached_property
    def literal(self) -> str:
        """Return the ids as the text of a PostgreSQL array."""
        return id_array(self._ids)

    def resolve_expression(self, *_: Any, **__: Any) -> Expression:
        """Return the ids as an expression; Django calls this on the right side of a lookup."""
        return _Unnested(self.literal)


class _Unnested(Expression):
    """``(SELECT unnest(array))`` on the right of ``IN``."""

    def __init__(self, literal: str) -> None:
        super().__init__(output_field=BigIntegerField())
        self.literal = literal

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, tuple[str]]:
        return "(SELECT unnest(%s::bigint[]))", (self.literal,)
