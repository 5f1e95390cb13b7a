"""Thousands of rows in one statement: COPY, for what is written once and asked back for its ids.

The one way to write many rows of a table. COPY asks for no more than INSERT does and fires the same
triggers (history, balances), each once a statement. Few rows go as an ordinary INSERT: that is one
round trip less.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice, repeat
from operator import attrgetter
from typing import Any, TypeVar

from django.contrib.postgres.functions import TransactionNow
from django.db import connection, models, transaction
from django.db.models.expressions import DatabaseDefault

M = TypeVar("M", bound=models.Model)
Encoder = Callable[[Any], str]
Column = tuple[str, str, Encoder]
"""What a model calls it, what its table calls it, and how its values are written."""

FEW = 50
BLOCK = 1000
NULL = "\\N"
PLAIN = {
    "AutoField", "BigAutoField", "BigIntegerField", "BooleanField", "CharField", "DateField",
    "DateTimeField", "DecimalField", "ForeignKey", "IntegerField", "OneToOneField",
    "PositiveBigIntegerField", "PositiveIntegerField", "PositiveSmallIntegerField",
    "SmallIntegerField", "TextField", "URLField", "UUIDField",
}  # fmt: skip
"""The kinds of fields whose values PostgreSQL reads as Python writes them."""


def copy_rows(model: type[M], rows: Iterable[M]) -> list[M]:
    """Write new rows and return them with their ids, as ``bulk_create`` does.

    What the database says by itself (``db_default``) may only be the time of the transaction: any
    other value would not be known here without reading the rows again.
    """
    new = list(rows)
    if len(new) < FEW:
        return model._base_manager.bulk_create(new)
    columns = list(_columns(model))
    stamps = [field for field in model._meta.concrete_fields if _is_stamp(field)]
    told = [field for field in stamps if not _left_to_database(new, field)]
    left = {field.attname for field in stamps if field not in told}
    ids, now = _reserve(model, len(new))
    pk = model._meta.pk.attname
    for row, number in zip(new, ids, strict=True):
        setattr(row, pk, number)
        if row._state.fields_cache:
            row._prepare_related_fields_for_save(operation_name="copy_rows")  # type: ignore[attr-defined]
        for name in left:
            setattr(row, name, now)
        for field in _own_words(model):
            field.pre_save(row, add=True)
    columns = [column for column in columns if column[0] not in left]
    _copy(model, columns, map(attrgetter(*(name for name, _c, _e in columns)), new))
    for row in new:
        row._state.adding = False
        row._state.db = connection.alias
    return new


def copy_values(model: type[models.Model], names: Sequence[str], rows: Iterable[Any]) -> None:
    """Write rows given as tuples of the values of ``names``, for lines nobody asks back.

    No object is made of a row; every field without a value in the database is to be named.
    """
    by_name = {column[0]: column for column in _columns(model)}
    _copy(model, [by_name[name] for name in names], iter(rows))


def maker(model: type[M], *names: str) -> Callable[..., M]:
    """Return what makes new rows of a model from the values of ``names``, the rest by default.

    An ordinary call asks every field for its default and every name for its field; that is half of
    the cost of thousands of rows.
    """
    fields = [field.attname for field in model._meta.concrete_fields]
    rest = [field for field in model._meta.concrete_fields if field.attname not in names]
    shared = [field.name for field in rest if callable(field.default) and field.has_default()]
    if shared or set(names) - set(fields):
        raise TypeError(f"{model.__name__}: {', '.join(shared or names)}")
    defaults = {field.attname: field.get_default() for field in rest}
    pattern = [defaults.get(name) for name in fields]
    places = [fields.index(name) for name in names]

    def make(*values: Any) -> M:
        row = pattern.copy()
        for place, value in zip(places, values, strict=True):
            row[place] = value
        return model(*row)

    return make


def _copy(model: type[models.Model], columns: Sequence[Column], rows: Iterator[Any]) -> None:
    names = ", ".join(f'"{column}"' for _n, column, _e in columns)
    statement = f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'
    encoders = [encode for _n, _c, encode in columns]
    first = list(islice(rows, BLOCK))
    if not first:
        return
    with (
        transaction.atomic(savepoint=False),
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement) as target,
    ):
        while first:
            target.write(_text_of(first, encoders))
            first = list(islice(rows, BLOCK))


def _text_of(rows: Sequence[Any], encoders: Sequence[Encoder]) -> str:
    """Return rows in PostgreSQL's text format, written column by column."""
    sides = zip(*rows, strict=True)
    columns = [_written(values, encode) for encode, values in zip(encoders, sides, strict=True)]
    return "\n".join(map("\t".join, zip(*columns, strict=True))) + "\n"


def _written(values: Sequence[Any], encode: Encoder) -> Iterable[str]:
    """Return the values of a column as text; most columns of many rows say one thing."""
    first = values[0]
    if all(value is first for value in values):
        return repeat(encode(first), len(values))
    return map(encode, values)


@cache
def _columns(model: type[models.Model]) -> tuple[Column, ...]:
    return tuple((f.attname, str(f.column), _encoder(f)) for f in model._meta.concrete_fields)


def _encoder(field: Any) -> Encoder:
    kind = field.get_internal_type()
    if kind == "JSONField":
        encode = json.JSONEncoder().encode if field.encoder is None else field.encoder().encode
        return lambda value: NULL if value is None else _escaped(encode(value))
    if kind not in PLAIN:
        raise TypeError(f"{field} cannot be copied: nobody has said how a {kind} is written")
    return _plain


def _plain(value: Any) -> str:
    return NULL if value is None else _escaped(str(value))


def _escaped(text: str) -> str:
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if text.isprintable():
        return text
    return text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _reserve(model: type[models.Model], count: int) -> tuple[list[int], Any]:
    """Return new ids in ascending order, and the time of the transaction."""
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH s AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, %s)::regclass AS name) "
            "SELECT array_agg(nextval(s.name)), transaction_timestamp() "
            "FROM s, generate_series(1, %s)",
            [f'"{table}"', column, count],
        )
        ids, now = cursor.fetchone()
    return sorted(ids), now


def _is_stamp(field: Any) -> bool:
    if not field.has_db_default():
        return False
    if not isinstance(field.db_default, TransactionNow):
        raise TypeError(f"{field} cannot be copied: its value is made by the database")
    return True


def _left_to_database(rows: Sequence[models.Model], field: Any) -> bool:
    """Tell whether the database says the value, for all of the rows or for none."""
    left = {isinstance(getattr(row, field.attname), DatabaseDefault) for row in rows}
    if len(left) > 1:
        raise ValueError(f"{field} is said for some of the rows and not for others")
    return left == {True}


@cache
def _own_words(model: type[models.Model]) -> tuple[Any, ...]:
    """Return the fields that say their value themselves when a row is written."""
    dates = [f for f in model._meta.concrete_fields if isinstance(f, models.DateField)]
    return tuple(f for f in dates if f.auto_now or f.auto_now_add)
