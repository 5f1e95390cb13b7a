"""Input serializers of operations: shape is checked here, once, for every door.

Records are named by id or by their natural key (number, code); all the records an input names are
looked up together, one query per kind whatever the number of lines, and only among those the actor
may see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from django.apps import apps
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from rest_framework import serializers

from erp.core.actor import Actor
from erp.core.errors import FieldFault, InvalidInput
from erp.core.quantities import DIGITS, PLACES

BIGINT_DIGITS = 18
MOST_LINES = 50_000
"""Of lists that name no limit of their own."""

Options = Callable[[Actor, Any], QuerySet[Any]]


class RecordField(serializers.Field[Any, Any, Any, Any]):
    """A record, given by id or natural key; becomes the id.

    ``model`` is ``app.Model``; ``key`` its natural key field; ``options(actor, subject)`` narrows
    what a dialog offers. ``widget`` is ``select`` for short lists and ``scan`` for lots and units.
    """

    default_error_messages = {
        "blank": serializers.CharField.default_error_messages["blank"],
        "unknown": _(
            "There is no “%(value)s” that you may see. Check the number or scan it again."
        ),
        "ambiguous": _("Several records carry the number “%(value)s”. Give the id instead."),
    }

    def __init__(
        self,
        model: str,
        *,
        key: str = "number",
        widget: str = "select",
        options: Options | None = None,
        **kwargs: Any,
    ) -> None:
        self.model_label = model
        self.key = key
        self.widget = widget
        self.options = options
        self.offered: Sequence[Any] | None = None
        """What a dialog offers, once it was read: one form asks one time."""
        super().__init__(**kwargs)

    @property
    def model(self) -> type[Model]:
        """Return the model class (resolved late, so that lower apps need not import it)."""
        return apps.get_model(self.model_label)

    def to_internal_value(self, data: Any) -> int:
        """Return the id found by :meth:`OperationInput.find_records`."""
        if not _norm(data):
            self.fail("blank")  # it names nothing that could be unknown
        found: Mapping[str, list[int]] = self.context["records"][(self.model_label, self.key)]
        matches = found.get(_norm(data), [])
        if len(matches) != 1:
            slug = "ambiguous" if matches else "unknown"
            raise serializers.ValidationError(
                str(self.error_messages[slug]) % {"value": str(data)[:80]}
            )
        return matches[0]

    def to_representation(self, value: Any) -> Any:
        """Return the id."""
        return value


def _norm(value: object) -> str:
    return str(value).strip()


class QuantityField(serializers.DecimalField):
    """A quantity above zero with at most six decimals, as text or number; never a float inside."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("quantity"))
        super().__init__(
            max_digits=DIGITS, decimal_places=PLACES, min_value=Decimal(1).scaleb(-PLACES), **kwargs
        )

    def to_internal_value(self, data: Any) -> Decimal:
        """Read a number as people write one: Python would take ``1_0`` for ten."""
        if isinstance(data, str) and ("_" in data or not data.isascii()):
            self.fail("invalid")
        return super().to_internal_value(data)


class OperationInput(serializers.Serializer[Any]):
    """Base of every operation's input."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Look up all named records first (root only), then validate as usual."""
        if getattr(self, "parent", None) is None and isinstance(data, Mapping):
            self.find_records(data)
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> Any:
        """Refuse a field nobody knows: whoever sent it meant something that would not be done."""
        unknown = (
            [str(name) for name in data if name not in self.fields]
            if isinstance(data, Mapping)
            else []
        )
        if unknown:
            known = ", ".join(self.fields) or "–"
            said = _("There is no such field here. Known are: %(known)s.") % {"known": known}
            raise serializers.ValidationError({name[:80]: [said] for name in unknown})
        return super().to_internal_value(data)

    def find_records(self, data: Mapping[str, Any]) -> None:
        """Fill the context with the ids of all records the input names, one query per kind."""
        too_many = list(_too_many(self, data))
        if too_many:
            raise InvalidInput(faults=too_many)
        wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
        for field, value in _named_records(self, data):
            wanted[(field.model_label, field.key)].add(_norm(value))
        known: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(dict)
        for (label, key), values in wanted.items():
            known[(label, key)] = _ids_by_value(label, key, values, self.context["actor"])
        context = cast("dict[str, Any]", self.context)
        context["records"] = known


def _too_many(
    serializer: serializers.Serializer[Any], data: Mapping[str, Any]
) -> Iterator[FieldFault]:
    """Yield the lists longer than their field takes, before a record is looked up for any line."""
    for name, field in serializer.fields.items():
        most = getattr(field, "max_length", None) or MOST_LINES
        given = data.get(name)
        if hasattr(field, "child") and isinstance(given, list) and len(given) > most:
            reason = ngettext(
                "%(n)s line is the most here; %(given)s were given.",
                "%(n)s lines are the most here; %(given)s were given.",
                most,
            )
            yield FieldFault(name, reason % {"n": most, "given": len(given)})


def _named_records(
    serializer: serializers.BaseSerializer[Any], data: Any
) -> Iterator[tuple[RecordField, Any]]:
    """Yield every record field of the input with the value given for it, at any depth."""
    if not isinstance(data, Mapping):
        return
    for name, field in getattr(serializer, "fields", {}).items():
        value = data.get(name)
        if value not in (None, ""):
            yield from _named_in(field, value)


def _named_in(field: Any, value: Any) -> Iterator[tuple[RecordField, Any]]:
    if isinstance(field, RecordField):
        yield field, value
    elif isinstance(field, serializers.Serializer):
        yield from _named_records(field, value)
    elif isinstance(value, list):
        child = getattr(field, "child", None)
        for inner in value if child is not None else ():
            yield from _named_in(child, inner)


def _ids_by_value(label: str, key: str, values: set[str], actor: Actor) -> dict[str, list[int]]:
    manager: Any = apps.get_model(label)._default_manager
    visible = manager.visible_to(actor) if hasattr(manager, "visible_to") else manager.all()
    numbers = {int(v) for v in values if v.isdecimal() and len(v) <= BIGINT_DIGITS}
    # Records without a natural key are named by id alone (``key="pk"``).
    natural_key = Q(pk__in=()) if key == "pk" else Q(**{f"{key}__in": values})
    rows = visible.filter(Q(pk__in=numbers) | natural_key).values_list("pk", key)
    found: dict[str, list[int]] = defaultdict(list)
    by_key: dict[str, list[int]] = defaultdict(list)
    for pk, natural in rows:
        found[str(pk)] = [pk]
        by_key[_norm(natural)].append(pk)
    # A natural key wins over an id that happens to read the same.
    found.update(by_key)
    return found


def validated(serializer: OperationInput) -> dict[str, Any]:
    """Return the validated values, or raise ``InvalidInput`` naming every field, row and reason."""
    if not serializer.is_valid():
        raise InvalidInput(faults=list(_faults(serializer.errors)))
    return dict(serializer.validated_data)


def _faults(errors: Any, path: str = "", row: int | None = None) -> Iterator[FieldFault]:
    if isinstance(errors, Mapping):
        for name, inner in errors.items():
            # DRF keys the errors of a list by index, counted from 0; people count rows from 1.
            if isinstance(name, int):
                yield from _faults(inner, path, name + 1)
            else:
                yield from _faults(inner, f"{path}.{name}" if path else str(name), row)
    elif isinstance(errors, list | tuple) and any(isinstance(e, Mapping) for e in errors):
        for number, inner in enumerate(errors, start=1):
            yield from _faults(inner, path, number)
    elif isinstance(errors, list | tuple):
        yield from (FieldFault(path, str(e), row) for e in errors)
    else:
        yield FieldFault(path, str(errors), row)
