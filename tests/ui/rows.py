"""Fills any table with rows, so that pages of every kind can be tested without knowing the kind.

Rows are written straight into the tables, not through operations: what is measured is how pages
read
them. Every foreign key is filled where the constraints allow it, because a page that follows one
must have joined it; a row is also given companions in the tables that point to it.
"""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import NOT_PROVIDED, Field, ForeignKey, Model

from audit.models import Attachment, OperationLog, Signature
from erp.accounts.models import Site, User
from erp.core import clock
from erp.core.history import HistoryRow
from erp.core.privileges import Derived
from erp.inventory.models import Balance, StockMove
from erp.masterdata.models import Location
from erp.ui.records import KINDS

_count = itertools.count(1)

MAX_DEPTH = 4
FULLNESS = ("full", "linked", "bare")
"""Everything filled; all foreign keys filled; only what is required. The first that the
constraints take.
"""

SKIPPED_FIELDS = {"row_version"}
SHARED = {"accounts.company", "accounts.site", "accounts.user", "accounts.role"}
"""Tables whose rows the tests' cast lives in: their companions would be the cast's."""

Values = Mapping[str, Any]


class Filler:
    """Makes rows; parents are shared unless a constraint wants them different."""

    def __init__(self, site: Site, user: User) -> None:
        self.shared: dict[type[Model], Model] = {Site: site, User: user, Location: _storage(site)}
        self.depth = 0

    def fill(self, model: type[Model], n: int, **fixed: Any) -> list[Any]:
        """Make ``n`` rows with these fixed values; the fullest form that the constraints take."""
        if model is Balance:
            return self._balances(n, fixed)
        for fullness in FULLNESS:
            known = dict(self.shared)
            try:
                with transaction.atomic():
                    return self._insert(model, n, fixed, fullness)
            except IntegrityError:
                # Parents made on the way are gone with the savepoint.
                self.shared = known
                if fullness == FULLNESS[-1]:
                    raise
        return []

    def _insert(self, model: type[Model], n: int, fixed: Values, fullness: str) -> list[Any]:
        rows = [model(**self._values(model, fixed, fullness)) for _ in range(n)]
        made: list[Any] = model._default_manager.bulk_create(rows)
        return made

    def _values(self, model: type[Model], fixed: Values, fullness: str) -> dict[str, Any]:
        given = {**OVERRIDES.get(model._meta.label_lower, {}), **fixed}
        distinct = _distinct(model, given)
        values: dict[str, Any] = dict(given)
        for field in model._meta.concrete_fields:
            if field.name in values or field.name in SKIPPED_FIELDS or _made_by_database(field):
                continue
            wanted = (
                not (field.null or (field.blank and not field.choices)) or field.name in distinct
            )
            if isinstance(field, ForeignKey):
                if wanted or (fullness != "bare" and field.related_model is not model):
                    values[field.name] = self._parent(field, fresh=field.name in distinct)
            elif wanted or fullness == "full":
                values[field.name] = _value(field, unique=field.name in distinct)
        return values

    def _parent(self, field: ForeignKey[Any, Any], *, fresh: bool) -> Any:
        target: Any = field.related_model
        if not fresh and target in self.shared:
            return self.shared[target]
        if field.null and self.depth > MAX_DEPTH:
            return None
        self.depth += 1
        made = self.fill(target, 1)[0]
        self.depth -= 1
        return made if fresh else self.shared.setdefault(target, made)

    def _balances(self, n: int, fixed: Values) -> list[Any]:
        """Put ``n`` lots into stock by the ledger, which alone writes balances."""
        target: Any = fixed.get("location") or self.shared[Location]
        source = Location.objects.get(site=target.site_id, kind="supplier")
        from traceability.models import Lot  # noqa: PLC0415 - only here

        lots = [fixed["lot"]] if "lot" in fixed else self.fill(Lot, n)
        moves = {
            "quantity": Decimal(5),
            "from_location": source,
            "from_status": "",
            "to_location": target,
        }
        statuses = ["available", "quarantine", "blocked"] if "lot" in fixed else ["available"]
        for lot in lots:
            for status in statuses[:n]:
                self.fill(StockMove, 1, lot=lot, to_status=status, **moves)
        return list(Balance.objects.filter(lot__in=lots))

    def companions(self, record: Any, n: int) -> None:
        """Give ``record`` ``n`` rows in every table that points to it, history and signatures."""
        self._point_to(record, n)
        for _ in range(n):
            # Writing the same value again is a change to the history trigger.
            _touch(record)

    def _point_to(self, record: Any, n: int) -> None:
        label = record._meta.label_lower
        pointer = {"subject_model": label, "subject_pk": str(record.pk)}
        for model in (OperationLog, Signature, Attachment):
            self.fill(model, n, **pointer)
        if label in SHARED:
            return
        for field in _pointing_fields(type(record)):
            self._try(field, record, n)

    def _try(self, field: ForeignKey[Any, Any], record: Any, n: int) -> None:
        try:
            with transaction.atomic():
                self.fill(field.model, 1 if field.unique else n, **{field.name: record})
        except IntegrityError:
            # A constraint says that these rows do not go together: then no page shows them
            # together.
            return


def _storage(site: Site) -> Location:
    return Location.objects.get(site=site, kind="storage")


def _touch(record: Any) -> None:
    field = next(
        (
            f
            for f in record._meta.concrete_fields
            if isinstance(f, models.CharField) and not f.primary_key
        ),
        None,
    )
    if field is not None and hasattr(record, "row_version"):
        type(record)._default_manager.filter(pk=record.pk).update(
            **{field.name: getattr(record, field.name)}
        )


def _pointing_fields(model: type[Model]) -> list[ForeignKey[Any, Any]]:
    found: Any = (
        r for r in model._meta.get_fields(include_hidden=True) if r.auto_created and not r.concrete
    )
    return [
        r.field
        for r in found
        if isinstance(r.field, ForeignKey) and not issubclass(r.related_model, HistoryRow | Derived)
    ]


def _made_by_database(field: Field[Any, Any]) -> bool:
    return isinstance(field, models.AutoField) or bool(getattr(field, "auto_now_add", False))


def _distinct(model: type[Model], fixed: Collection[str]) -> set[str]:
    """Return the fields that must differ from row to row for the unique constraints to hold."""
    found = {f.name for f in model._meta.concrete_fields if f.unique}
    groups = [c.fields for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)]
    for group in [*groups, *model._meta.unique_together]:
        free = [name for name in group if name not in fixed]
        if free and not found & set(free):
            plain = [n for n in free if not isinstance(model._meta.get_field(n), ForeignKey)]
            found.add((plain or free)[-1])
    return found


def _value(field: Any, *, unique: bool) -> Any:
    number = next(_count)
    if field.choices and not unique:
        return (
            next(k for k, _label in field.flatchoices if k != "")
            if field.default is NOT_PROVIDED
            else field.get_default()
        )
    if field.default is not NOT_PROVIDED and not unique:
        return field.get_default()
    for kind, make in _MAKERS:
        if isinstance(field, kind):
            return make(field, number)
    raise NotImplementedError(f"{field}: no value for {type(field).__name__}")


def _text(field: Any, number: int) -> str:
    if field.name == "sscc":
        return f"{number:018d}"
    text = f"{field.name.upper()}-{number}"
    return text[-field.max_length :] if field.max_length else text


_MAKERS: tuple[tuple[type[Field[Any, Any]], Callable[[Any, int], Any]], ...] = (
    (models.EmailField, lambda f, n: f"p{n}@example.org"),
    (models.CharField, _text),
    (models.TextField, _text),
    (models.DateTimeField, lambda f, n: clock.now() - dt.timedelta(minutes=n)),
    (models.DateField, lambda f, n: dt.date(2026, 1, 1) + dt.timedelta(days=n % 300)),
    (models.DecimalField, lambda f, n: Decimal(1 + n % 9)),
    (models.BooleanField, lambda f, n: False),
    (models.IntegerField, lambda f, n: 1 + n % 30_000),
    (models.JSONField, lambda f, n: {}),
    (models.UUIDField, lambda f, n: uuid.uuid4()),
    (models.GenericIPAddressField, lambda f, n: "127.0.0.1"),
    (models.FileField, lambda f, n: f"file-{n}"),
    (models.BinaryField, lambda f, n: b"x"),
)

OVERRIDES: dict[str, dict[str, Any]] = {
    "audit.operationlog": {"code": "inventory.place_hold"},
    "audit.signature": {"meaning": "approved", "zone_offset": "+00:00"},
    "inventory.hold": {"released_at": None, "released_by": None, "cause": "quality"},
    "traceability.traceevent": {"biz_step": "receiving", "corrects": None},
    "traceability.lot": {"kind": "serial"},
    "traceability.deviceidentifier": {
        "contains": None,
        "contained_quantity": None,
        "company_prefix_length": None,
        "withdrawn_on": None,
        "primary": False,
    },
    "traceability.datasheet": {"registry": "GUDID"},
    "traceability.epcisevent": {
        "document": {
            "type": "ObjectEvent",
            "eventTime": "2026-01-15T08:00:00Z",
            "eventTimeZoneOffset": "+00:00",
            "action": "OBSERVE",
            "epcList": [],
        },
        "context": [],
        "declares_error": False,
        "error_time": None,
    },
    "traceability.epcisthing": {"uri": "https://id.gs1.org/01/04012345111118/21/U1"},
    "traceability.eventquery": {"query": {}, "removed_at": None},
    "traceability.eventsubscription": {"stream": True, "schedule": {}, "state": "active"},
    "traceability.capturejob": {"state": "waiting", "finished_at": None, "errors": []},
    "quality.deviation": {"disposition": ""},
    "quality.inspectionplan": {"stage": "incoming"},
    "masterdata.location": {"kind": "storage", "virtual": False},
    "masterdata.itemrevision": {"state": "draft", "effective_at": None},
}
"""What the generic values would get wrong."""


def nouns() -> list[str]:
    """Return the nouns of all kinds, in a steady order."""
    return sorted(KINDS)


def with_page() -> list[str]:
    """Return the nouns whose records have a page of their own; an entry of a log has none."""
    return [noun for noun in nouns() if KINDS[noun].url(1) == f"/{noun}/1/"]
