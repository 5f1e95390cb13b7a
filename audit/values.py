"""How a stored value of a history row reads: records by name, choices by word, secrets hidden."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Field, ForeignKey, Model
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.core.quantities import plain

SECRET = frozenset({"password", "digest"})
"""Fields of which the history shows only that they changed."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of all records that some history rows point to, by model label and key."""

    by_model: Mapping[str, Mapping[Any, str]]

    @classmethod
    def of(cls, model: type[Model], rows: Iterable[Any], records: Iterable[Model] = ()) -> Names:
        """Look the names up, one query per kind of record pointed to.

        What ``records``, the present state of the same rows, have at hand is not asked again.
        """
        keys: dict[type[Model], set[Any]] = defaultdict(set)
        pointers = [f for f in model._meta.concrete_fields if isinstance(f, ForeignKey)]
        for row in rows:
            for field in pointers:
                keys[_target(field)].add(getattr(row, field.attname))
        at_hand = _at_hand(pointers, records)
        return cls(
            {
                target._meta.label: {
                    **at_hand[target],
                    **_names(target, pks - {None} - set(at_hand[target])),
                }
                for target, pks in keys.items()
            }
        )

    def name(self, field: ForeignKey[Any, Any], pk: Any) -> str:
        """Return the name of what ``field`` points to."""
        return self.by_model.get(_target(field)._meta.label, {}).get(pk, str(pk))


def _at_hand(
    pointers: Iterable[ForeignKey[Any, Any]], records: Iterable[Model]
) -> Mapping[type[Model], Mapping[Any, str]]:
    """Return the names of what these records point to and already hold."""
    found: dict[type[Model], dict[Any, str]] = defaultdict(dict)
    for record in records:
        for field in pointers:
            held = getattr(record, field.name) if field.is_cached(record) else None
            if held is not None:
                found[_target(field)][held.pk] = str(held)
    return found


def _target(field: ForeignKey[Any, Any]) -> type[Model]:
    target: type[Model] = field.remote_field.model
    return target


def _names(target: type[Model], pks: set[Any]) -> dict[Any, str]:
    # The nearest records come along, because names are often made of them (item and revision).
    rows = target._base_manager.select_related().filter(pk__in=pks) if pks else ()
    return {row.pk: str(row) for row in rows}


def shown(field: Field[Any, Any], value: Any, names: Names) -> str | None:
    """Return the value of a field as people read it; ``None`` when it is empty."""
    if value is None or value == "":
        return None
    if field.name in SECRET:
        return "…"
    if isinstance(field, ForeignKey):
        return names.name(field, value)
    if field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, dt.datetime):
        text = f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S %z}"
        return f"{text[:-2]}:{text[-2:]}"
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_within(value[name])}" for name in sorted(value)) or "–"
    if isinstance(value, list):
        return ", ".join(map(_within, value)) or "–"
    return "–" if value is None else str(value)


def _within(value: Any) -> str:
    text = _plain(value)
    return f"({text})" if isinstance(value, Mapping | list) and value else text
