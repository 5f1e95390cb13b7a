"""From the content of a pack to a PDF/A-3 with its machine copy inside."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import weasyprint
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from weasyprint.urls import URLFetcher

from audit.models import OperationLog
from audit.queries import SignatureFact
from erp.core import clock
from erp.ui.evidence.chapters import Chapter
from erp.ui.evidence.content import PackContent, RecordContent, title_of
from erp.ui.evidence.gaps import Gap, gaps_in
from erp.ui.evidence.machine import MachineCopy, machine_copy
from erp.ui.evidence.printing import (
    PrintedSection,
    instant,
    printed,
    printed_facts,
    printed_section,
)
from erp.ui.evidence.version import application_version

HERE = Path(__file__).resolve().parent
COPY_NAME = "evidence.json"
GROUP = 8
FIRST_ADDED = 3
"""Chapter 1 says what to look at, chapter 2 is the subject; then come those that apps add."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished file: its bytes, pages, and the hash of the machine copy inside."""

    data: bytes
    pages: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class PrintedRecord:
    """One record ready for the template."""

    id: str
    kind: str
    number: str
    title: str
    state: Any
    badges: Sequence[Any]
    version: int | None
    changes: int
    facts: Sequence[tuple[str, Any]]
    sections: Sequence[PrintedSection]
    signatures: Sequence[Any]
    documents: Sequence[dict[str, Any]]
    history: Sequence[dict[str, Any]]
    log: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class PrintedChapter:
    """A chapter ready for the template."""

    id: str
    number: int
    title: str
    lead: str
    sections: Sequence[PrintedSection]


class NoFiles(URLFetcher):  # type: ignore[misc]
    """Lets a document load nothing: text from records must never reach a file or the network."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        """Refuse."""
        raise ValueError(url)


def render(content: PackContent) -> Rendered:
    """Lay the pack out in the active language and time zone."""
    gaps = gaps_in(content)
    copy = machine_copy(content, gaps)
    html = html_of(content, gaps, copy)
    document = weasyprint.HTML(string=html, url_fetcher=NoFiles())
    attachment = weasyprint.Attachment(
        file_obj=io.BytesIO(copy.data),
        name=COPY_NAME,
        description=_("Machine-readable copy of this pack"),
        created=content.made_at,
        modified=content.made_at,
        relationship="Data",
    )
    laid_out = document.render(stylesheets=[weasyprint.CSS(string=_style())])
    data = laid_out.write_pdf(
        pdf_variant="pdf/a-3b",
        attachments=[attachment],
        pdf_identifier=copy.sha256.encode()[:16],
    )
    return Rendered(data, len(laid_out.pages), copy.sha256)


def html_of(content: PackContent, gaps: Sequence[Gap], copy: MachineCopy) -> str:
    """Return the document before it is laid out, in the active language."""
    pack = content.pack
    records = [_record(record, f"r{number}") for number, record in enumerate(content.records)]
    chapters = [
        _chapter(chapter, number) for number, chapter in enumerate(content.chapters, FIRST_ADDED)
    ]
    after = FIRST_ADDED + len(chapters)
    return render_to_string(
        "evidence/pack.html",
        {
            "pack": pack,
            "site": pack.site,
            "subject": records[0],
            "chapters": chapters,
            "companions": records[1:],
            "companions_number": after,
            "people_number": after + 1 if records[1:] else after,
            "people": [
                {"person": p, "first": instant(p.first), "last": instant(p.last)}
                for p in content.people
            ],
            "gaps": gaps,
            "grave": sum(gap.grave for gap in gaps),
            "against": sum(gap.against for gap in gaps),
            "counts": _counts(content),
            "made_at": instant(content.made_at),
            "zone": timezone.get_current_timezone_name(),
            "requested_at": instant(pack.requested_at),
            "hash": in_groups(copy.sha256),
            "copy_name": COPY_NAME,
            "application": application_version(),
            "language": translation.get_language(),
        },
    )


def in_groups(sha256: str) -> str:
    """Return a hash in groups that can be read aloud."""
    return " ".join(sha256[i : i + GROUP] for i in range(0, len(sha256), GROUP))


def _counts(content: PackContent) -> dict[str, int]:
    records = content.records
    signatures = [s for r in records for s in r.signatures]
    return {
        "records": len(records),
        "signatures": len(signatures),
        "void": sum(not s.valid for s in signatures),
        "changes": sum(r.changes for r in records),
        "documents": sum(len(r.documents) for r in records),
        "operations": len({e.pk for r in records for e in r.log}),
        "late": len({e.pk for r in records for e in r.log if e.recorded_later}),
    }


def _record(content: RecordContent, prefix: str) -> PrintedRecord:
    sections = [printed_section(section, prefix) for section in content.sections]
    return PrintedRecord(
        id=prefix,
        kind=str(content.kind.label),
        number=content.number,
        title=str(content.kind.title(content.record) or ""),
        state=printed(content.state) if content.state else "",
        badges=[printed(badge) for badge in content.badges],
        version=getattr(content.record, "row_version", None),
        changes=content.changes,
        facts=printed_facts(content.facts),
        sections=[section for section in sections if section is not None],
        signatures=[
            {
                "mark": s,
                "at": clock.local_text(s.at, s.zone_offset),
                "late": _late(s),
                "title": title_of(s.code),
            }
            for s in content.signatures
        ],
        documents=[
            {"file": d, "at": instant(d.attached_at), "intact": d.pk not in content.damaged}
            for d in content.documents
        ],
        history=[
            {"entry": e, "at": instant(e.at), "what": e.what if e.outside else title_of(e.what)}
            for e in reversed(content.history)
        ],
        log=[
            {"entry": e, "at": instant(e.at), "late": _late(e), "title": title_of(e.code)}
            for e in content.log
        ],
    )


def _late(told: OperationLog | SignatureFact) -> str:
    return instant(told.recorded_later) if told.recorded_later else ""


def _chapter(chapter: Chapter, number: int) -> PrintedChapter:
    sections = [printed_section(section, "c") for section in chapter.sections]
    return PrintedChapter(
        id=f"c-{chapter.anchor}",
        number=number,
        title=str(chapter.title),
        lead=str(chapter.lead),
        sections=[section for section in sections if section is not None],
    )


@cache
def _style() -> str:
    return (HERE / "pack.css").read_text(encoding="utf-8")
