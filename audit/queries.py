"""Reads of evidence: history of a record field by field, its signatures, its log, its documents.

Plain values: an operation is named by its code, the layer above knows its title. Every function
costs a fixed number of queries, however long the history is.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from audit.meanings import Meaning
from audit.models import Attachment, OperationLog, Signature
from audit.signatures import content_hash
from audit.values import Names, shown
from erp.accounts.models import User
from erp.core.errors import Text

CREATED, CHANGED, DELETED = "+", "~", "-"
STATE = "state"
EMPTY: tuple[Any, ...] = (None, "", [], {})

UNSHOWN = frozenset({"row_version"})
"""Counted by the database; says nothing that the order of the entries does not say."""

ContentOf = Callable[[str, uuid.UUID], Mapping[str, Any] | None]
"""Given the code and the log entry of the operation that was signed, returns the content as it is
now of what was signed then.
"""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """Old and new value of one field, as people read them; ``None`` is an empty value."""

    field: Text
    old: str | None
    new: str | None
    is_step: bool = False
    """Whether the field is the state: a step of the record's life, no correction of an entry."""


@dataclass(frozen=True, slots=True)
class HistoryFact:
    """One recorded change of a record.

    ``what`` is the code of the operation; a change outside the door says so in words and has
    ``outside`` set, with the database login in ``who``.
    """

    at: dt.datetime
    who: str
    what: str
    reason: str
    outside: bool
    kind: str
    version: int | None
    operation_id: uuid.UUID | None
    channel: str
    address: str
    changes: Sequence[FieldChange]

    @property
    def is_altered(self) -> bool:
        """Tell whether something is said otherwise than before (Annex 11, 8.2).

        Neither a further step of the record's life nor filling in what was empty is that (a step
        taken back is a correction, a record of its own); a change outside the door always is.
        """
        said_before = any(c.old is not None and not c.is_step for c in self.changes)
        return self.kind == CHANGED and (self.outside or said_before)


@dataclass(frozen=True, slots=True)
class SignatureFact:
    """A signature as 21 CFR 11.50 wants it shown, and whether it still binds (11.70)."""

    name: str
    username: str
    at: dt.datetime
    zone_offset: str
    meaning: Text
    statement: str
    code: str
    reason: str
    content_hash: str
    valid: bool
    operation_id: uuid.UUID
    recorded_later: dt.datetime | None = None
    """When it was really recorded, where it was told afterwards (an import)."""


def history_of(record: Model) -> list[HistoryFact]:
    """Return every recorded change of the record, newest first."""
    return histories_of([record]).get(record.pk, [])


def histories_of(records: Sequence[Model]) -> dict[Any, list[HistoryFact]]:
    """Return the changes of records of one model by key, in a fixed number of queries."""
    if not records or not hasattr(type(records[0]), "history"):
        return {}
    model = type(records[0])
    rows = list(_history_rows(model, [r.pk for r in records]).order_by("history_id"))
    log = OperationLog.objects.in_bulk(
        {row.history_operation_id for row in rows if row.history_operation_id}
    )
    users = dict(
        User.objects.filter(pk__in={r.history_user_id for r in rows}).values_list("pk", "name")
    )
    names = Names.of(model, rows, records)
    chains: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        chains[getattr(row, _key(model))].append(row)
    return {pk: _entries(model, chain, log, users, names) for pk, chain in chains.items()}


def _key(model: type[Model]) -> str:
    key: Any = model._meta.pk
    return str(key.attname)


def _history_rows(model: type[Model], pks: Sequence[Any]) -> QuerySet[Any]:
    history: Any = model.history  # type: ignore[attr-defined]
    rows: QuerySet[Any] = history.filter(**{f"{_key(model)}__in": pks})
    return rows


def _entries(
    model: type[Model],
    chain: Sequence[Any],
    log: Mapping[uuid.UUID, OperationLog],
    users: Mapping[int, str],
    names: Names,
) -> list[HistoryFact]:
    before: list[Any] = [None, *chain[:-1]]
    made = [
        _entry(model, old, row, log.get(row.history_operation_id), users, names)
        for old, row in zip(before, chain, strict=True)
    ]
    return made[::-1]


def _entry(
    model: type[Model],
    old: Any,
    row: Any,
    entry: OperationLog | None,
    users: Mapping[int, str],
    names: Names,
) -> HistoryFact:
    outside = entry is None
    return HistoryFact(
        at=row.history_date,
        who=entry.actor_name if entry else users.get(row.history_user_id, "") or row.history_login,
        what=entry.code if entry else _("Direct change in the database"),
        reason=row.history_change_reason or "",
        outside=outside,
        kind=row.history_type,
        version=getattr(row, "row_version", None),
        operation_id=row.history_operation_id,
        channel=row.history_channel or "",
        address=row.history_address or "",
        changes=_changes(model, old, row, names),
    )


def _changes(model: type[Model], old: Any, row: Any, names: Names) -> list[FieldChange]:
    found = []
    for field in model._meta.concrete_fields:
        # What history leaves out on purpose (passwords) has no column there.
        if field.primary_key or field.name in UNSHOWN or not hasattr(row, field.attname):
            continue
        was = getattr(old, field.attname) if old is not None else None
        now = None if row.history_type == DELETED else getattr(row, field.attname)
        if was != now and not (was in EMPTY and now in EMPTY):
            label: Text = field.verbose_name
            before = None if was in EMPTY else shown(field, was, names)
            after = shown(field, now, names)
            found.append(FieldChange(label, before, after, is_step=field.name == STATE))
    return found


def signatures_of(record: Model, content_of: ContentOf) -> list[SignatureFact]:
    """Return the signatures of a record, oldest first.

    A signature is valid while the content it was given for is unchanged; one whose content cannot
    be computed any more is not shown as valid.
    """
    return [
        _signature(row, valid=_binds(row, content_of(row.operation.code, row.operation_id)))
        for row in signature_rows(record._meta.label_lower, str(record.pk))
    ]


def signature_rows(model: str, pk: str) -> QuerySet[Signature]:
    """Return the stored signatures of a record, oldest first."""
    rows = Signature.objects.filter(subject_model=model, subject_pk=pk)
    return rows.select_related("operation").order_by("signed_at", "pk")


def _binds(row: Signature, content: Mapping[str, Any] | None) -> bool:
    if content is None:
        return False
    return row.content_hash == content_hash(content) == content_hash(row.content)


def _signature(row: Signature, *, valid: bool) -> SignatureFact:
    known = row.meaning in Meaning.values
    return SignatureFact(
        name=row.printed_name,
        username=row.username,
        at=row.signed_at,
        zone_offset=row.zone_offset,
        meaning=Meaning(row.meaning).label if known else row.meaning,
        statement=row.statement,
        code=row.operation.code,
        reason=row.operation.reason,
        content_hash=row.content_hash,
        valid=valid,
        operation_id=row.operation_id,
        recorded_later=row.operation.recorded_later if row.signed_at == row.operation.at else None,
    )


def log_of(record: Model) -> list[OperationLog]:
    """Return the operations done on a record or that changed it, oldest first."""
    about = Q(subject_model=record._meta.label_lower, subject_pk=str(record.pk))
    if hasattr(type(record), "history"):
        rows = _history_rows(type(record), [record.pk]).filter(history_operation_id__isnull=False)
        about |= Q(pk__in=rows.values("history_operation_id"))
    return list(OperationLog.objects.filter(about).order_by("at", "pk"))


def attachments_of(record: Model) -> list[Attachment]:
    """Return the documents attached to a record, oldest first."""
    return attachments_of_all(record._meta.label_lower, [record.pk])


def attachments_of_all(model: str, pks: Iterable[object]) -> list[Attachment]:
    """Return the documents attached to records of one model, oldest first, in one query."""
    rows = Attachment.objects.filter(subject_model=model, subject_pk__in=[str(pk) for pk in pks])
    return list(rows.select_related("attached_by").order_by("attached_at", "pk"))
