"""The machine copy of a pack: canonical JSON (RFC 8785), whose hash stands on the cover."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import rfc8785

from audit.models import Attachment, OperationLog
from audit.queries import HistoryFact, SignatureFact
from audit.signatures import canonical
from erp.ui.evidence.content import PackContent, RecordContent, title_of
from erp.ui.evidence.gaps import Gap
from erp.ui.evidence.version import application_version
from erp.ui.page import Fact, Section
from erp.ui.plain import plain_value

FORMAT = "proofline-evidence/1"


@dataclass(frozen=True, slots=True)
class MachineCopy:
    """The bytes put into the PDF and their SHA-256."""

    data: bytes
    sha256: str


def machine_copy(content: PackContent, gaps: Sequence[Gap]) -> MachineCopy:
    """Return the content as canonical JSON with its hash."""
    pack = content.pack
    body = {
        "format": FORMAT,
        "number": pack.number,
        "subject": {
            "model": pack.subject_model,
            "id": pack.subject_pk,
            "label": pack.subject_label,
        },
        "language": pack.language,
        "made_at": content.made_at,
        "requested_by": pack.requested_by.name,
        "application": application_version(),
        "records": [_record(record) for record in content.records],
        "chapters": [
            {
                "anchor": c.anchor,
                "title": str(c.title),
                "lead": str(c.lead),
                "sections": [_section(section) for section in c.sections],
            }
            for c in content.chapters
        ],
        "people": [
            {"name": p.name, "operations": p.count, "first": p.first, "last": p.last}
            for p in content.people
        ],
        "gaps": [{"kind": g.kind, "record": g.record, "sentence": g.sentence} for g in gaps],
    }
    data = rfc8785.dumps(canonical(body))
    return MachineCopy(data, hashlib.sha256(data).hexdigest())


def _record(content: RecordContent) -> dict[str, Any]:
    return {
        "model": content.kind.model,
        "id": str(content.record.pk),
        "kind": str(content.kind.label),
        "number": content.number,
        "version": getattr(content.record, "row_version", None),
        "state": plain_value(content.state) if content.state else None,
        "data": content.kind.api(content.record),
        "facts": _facts(content.facts),
        "sections": [_section(section) for section in content.sections],
        "signatures": [_signature(s) for s in content.signatures],
        "documents": [_document(d, intact=d.pk not in content.damaged) for d in content.documents],
        "history": [_change(entry) for entry in content.history],
        "operations": [_operation(entry) for entry in content.log],
    }


def _facts(facts: Sequence[Fact]) -> list[dict[str, Any]]:
    return [{"label": str(f.label), "value": plain_value(f.value) or None} for f in facts]


def _section(section: Section) -> dict[str, Any]:
    body: dict[str, Any] = {"anchor": section.anchor, "title": str(section.title)}
    if section.table is not None:
        body["columns"] = [str(c.label) for c in section.table.columns]
        body["rows"] = [[plain_value(cell) for cell in row.cells] for row in section.table.rows]
    if section.facts is not None:
        body["facts"] = _facts(section.facts)
    if section.timeline is not None:
        body["timeline"] = [
            {"at": e.at, "title": str(e.title), "detail": str(e.detail), "who": str(e.who)}
            for e in section.timeline
        ]
    return body


def _signature(signature: SignatureFact) -> dict[str, Any]:
    return {
        "printed_name": signature.name,
        "username": signature.username,
        "signed_at": signature.at,
        "zone_offset": signature.zone_offset,
        "meaning": str(signature.meaning),
        "statement": signature.statement,
        "operation": signature.code,
        "content_hash": signature.content_hash,
        "valid": signature.valid,
    }


def _document(document: Attachment, *, intact: bool) -> dict[str, Any]:
    return {
        "title": document.title,
        "kind": document.kind,
        "filename": document.filename,
        "media_type": document.media_type,
        "size": document.size,
        "sha256": document.sha256,
        "attached_by": document.attached_by.name,
        "attached_at": document.attached_at,
        "intact": intact,
    }


def _change(entry: HistoryFact) -> dict[str, Any]:
    return {
        "at": entry.at,
        "who": entry.who,
        "operation": entry.what if not entry.outside else None,
        "operation_id": str(entry.operation_id) if entry.operation_id else None,
        "outside": entry.outside,
        "kind": entry.kind,
        "version": entry.version,
        "reason": entry.reason,
        "address": entry.address,
        "changes": [{"field": str(c.field), "old": c.old, "new": c.new} for c in entry.changes],
    }


def _operation(entry: OperationLog) -> dict[str, Any]:
    return {
        "id": str(entry.pk),
        "code": entry.code,
        "title": title_of(entry.code),
        "at": entry.at,
        "actor": entry.actor_name,
        "channel": entry.channel,
        "reason": entry.reason,
        "input": entry.input,
        "notes": entry.notes,
    }
