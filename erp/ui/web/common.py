"""The sections every record has: signatures, documents, history."""

from __future__ import annotations

from django.utils.translation import gettext as _

from audit import queries as evidence
from erp.core.history import Regulated
from erp.operations.registry import REGISTRY
from erp.operations.signed import signatures_about
from erp.ui.page import (
    Change,
    Column,
    HistoryEntry,
    Link,
    Moment,
    Row,
    Section,
    SignatureMark,
    Table,
)
from erp.ui.records import View


def common_sections(view: View) -> list[Section]:
    """Return signatures (where there are any), documents and history of the record."""
    made = [_signatures(view), _documents(view), _history(view)]
    return [section for section in made if section is not None]


def _signatures(view: View) -> Section | None:
    found = signatures_about(view.record)
    if not found:
        return None
    marks = [
        SignatureMark(s.name, s.at, s.meaning, s.statement, s.valid, s.recorded_later)
        for s in found
    ]
    return Section("signatures", _("Signatures"), signatures=marks, count=len(marks))


def _documents(view: View) -> Section | None:
    found = evidence.attachments_of(view.record)
    if not found:
        return None
    rows = [
        Row(
            [
                Link(a.title, f"/attachments/{a.pk}/"),
                a.get_kind_display() if hasattr(a, "get_kind_display") else a.kind,
                Link(a.sha256[:16], "", mono=True),
                str(a.attached_by),
                Moment(a.attached_at),
            ]
        )
        for a in found
    ]
    columns = [
        Column("title", _("Document")),
        Column("kind", _("Kind")),
        Column("sha256", "SHA-256", "mono"),
        Column("by", _("Attached by")),
        Column("at", _("When"), "moment"),
    ]
    return Section("documents", _("Documents"), table=Table(columns, rows), count=len(rows))


def _history(view: View) -> Section | None:
    if not isinstance(view.record, Regulated):
        return None  # written once, by whom and when its facts say
    entries = [
        HistoryEntry(
            at=e.at,
            who=e.who,
            what=_title(e.what),
            reason=e.reason,
            outside=e.outside,
            changes=[Change(c.field, c.old, c.new) for c in e.changes],
        )
        for e in evidence.history_of(view.record)
    ]
    return Section("history", _("History"), history=entries, count=len(entries))


def _title(code: str) -> str:
    op = REGISTRY.get(code)
    return str(op.title) if op is not None else code
