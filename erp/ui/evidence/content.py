"""What stands in a pack, as plain values: the subject, every record its page points to, and proof.

A pack follows the pages: the record itself with all its sections unshortened, every record its
sections link to, and of the lots in its chain also what is evidence about them. So what a higher
app adds to a page stands in the pack as well, and nothing has to be declared twice.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from audit import attachments
from audit.models import Attachment, EvidencePack, OperationLog
from audit.queries import (
    HistoryFact,
    SignatureFact,
    attachments_of,
    history_of,
    log_of,
)
from erp.core.actor import Actor
from erp.core.errors import NotFound
from erp.operations import REGISTRY
from erp.operations.signed import signatures_about
from erp.ui.evidence.chapters import Chapter, chapters_of
from erp.ui.page import Fact, Link, Pill, Section, Table
from erp.ui.records import KINDS, RecordKind, View, badges_of, facts_of, of_model, sections_of

LEFT_OUT = frozenset({"admin", "masterdata", "audit"})
"""Parts of the rail whose records are named in a pack but not printed in it."""

NEXT = frozenset({"quality", "stock", "supply", "equipment"})
"""Of the lots in the chain, what is evidence about them: not everything else they were used for."""

KIND_ORDER = {"stock": 1, "supply": 2, "production": 3, "quality": 4, "equipment": 5, "delivery": 6}

_ADDRESS = re.compile(r"^/(?P<noun>[a-z][a-z-]*)/(?P<pk>\d+)/")

MAX_FOLLOWED = 200
"""So many records of one kind are printed in full; further ones are named, and the pack says so."""

Step = Callable[[str, float], None]


@dataclass(frozen=True)
class RecordContent:
    """One record with its proof."""

    kind: RecordKind
    record: Any
    state: Pill | None
    badges: Sequence[Pill]
    facts: Sequence[Fact]
    sections: Sequence[Section]
    signatures: Sequence[SignatureFact]
    documents: Sequence[Attachment]
    damaged: frozenset[int]
    """Ids of documents whose stored file is missing or has another hash."""
    history: Sequence[HistoryFact]
    log: Sequence[OperationLog]

    @property
    def number(self) -> str:
        """Return the record's number."""
        return self.kind.number(self.record)

    @property
    def changes(self) -> int:
        """Count the changes of what was entered before (Annex 11, 8.2)."""
        return sum(1 for entry in self.history if entry.is_altered)


@dataclass(frozen=True)
class PackContent:
    """Everything in a pack."""

    pack: EvidencePack
    made_at: dt.datetime
    subject: RecordContent
    companions: Sequence[RecordContent]
    chapters: Sequence[Chapter] = ()
    people: Sequence[PersonContent] = ()
    left_out: int = 0
    """Linked records beyond ``MAX_FOLLOWED`` that are named and not printed."""

    @property
    def records(self) -> list[RecordContent]:
        """Return the subject and every other record."""
        return [self.subject, *self.companions]


@dataclass(frozen=True, slots=True)
class PersonContent:
    """Who appears in the pack: what they did, how often, and when first and last."""

    name: str
    done: Sequence[str]
    count: int
    first: dt.datetime
    last: dt.datetime


def collect(pack: EvidencePack, actor: Actor, made_at: dt.datetime, step: Step) -> PackContent:
    """Read everything the requester may see of the pack's subject."""
    kind = of_model(pack.subject_model)
    if kind is None:
        raise NotFound(what=pack.subject_model)
    step("collect", 0.0)
    record = kind.find(actor, int(pack.subject_pk))
    subject = content_of(kind, record, actor)
    chapters = chapters_of(kind, View(actor, record, full=True))
    links = Links(subject)
    links.add(_addresses(subject.sections))
    links.add(_addresses(s for c in chapters if c.follow for s in c.sections), alike=True)
    companions: list[RecordContent] = []
    for other, pk in links:
        step("collect", len(companions) / (len(companions) + len(links.waiting) + 1))
        try:
            companion = content_of(other, other.find(actor, pk), actor)
        except NotFound:
            continue
        companions.append(companion)
        if other is kind:
            links.add(_addresses(companion.sections), only=NEXT)
    companions.sort(key=lambda c: (KIND_ORDER.get(c.kind.nav, 0), c.kind.noun))
    step("prove", 0.0)
    people = people_in([subject, *companions])
    return PackContent(pack, made_at, subject, companions, chapters, people, links.left_out)


def content_of(kind: RecordKind, record: Any, actor: Actor) -> RecordContent:
    """Read one record with its proof."""
    view = View(actor, record, full=True)
    documents = attachments_of(record)
    return RecordContent(
        kind=kind,
        record=record,
        state=kind.state(record),
        badges=badges_of(kind, view),
        facts=facts_of(kind, view),
        sections=sections_of(kind, view),
        signatures=signatures_about(record),
        documents=documents,
        damaged=frozenset(d.pk for d in documents if not attachments.is_intact(d.sha256)),
        history=history_of(record),
        log=log_of(record),
    )


class Links:
    """The records a pack points to, each once; grows while it is walked.

    The subject's own sections name its units and neighbours of the same kind; those are printed
    only where a chapter follows them (``alike``), or the pack of a lot would hold every unit.
    """

    def __init__(self, subject: RecordContent) -> None:
        self.waiting: deque[tuple[RecordKind, int]] = deque()
        self.left_out = 0
        self._subject = subject
        self._seen = {(subject.kind.noun, subject.record.pk)}
        self._count: Counter[str] = Counter()

    def add(
        self, addresses: Iterable[str], *, alike: bool = False, only: frozenset[str] | None = None
    ) -> None:
        """Add the records at these addresses; ``only`` keeps those of these parts of the rail."""
        for address in addresses:
            match = _ADDRESS.match(address)
            kind = KINDS.get(match["noun"]) if match else None
            if match is None or kind is None or kind.nav in LEFT_OUT:
                continue
            same = kind is self._subject.kind
            if (same and not alike) or (only is not None and kind.nav not in only):
                continue
            self._add(kind, int(match["pk"]))

    def _add(self, kind: RecordKind, pk: int) -> None:
        if (kind.noun, pk) in self._seen:
            return
        self._seen.add((kind.noun, pk))
        self._count[kind.noun] += 1
        if self._count[kind.noun] > MAX_FOLLOWED:
            self.left_out += 1
        else:
            self.waiting.append((kind, pk))

    def __iter__(self) -> Iterator[tuple[RecordKind, int]]:
        while self.waiting:
            yield self.waiting.popleft()


def _addresses(sections: Iterable[Section]) -> Iterator[str]:
    for section in sections:
        yield from _table_addresses(section.table) if section.table else ()
        yield from (entry.url for entry in section.timeline or () if entry.url)
        for fact in section.facts or ():
            yield from _value_addresses(fact.value)


def _table_addresses(table: Table) -> Iterator[str]:
    for row in table.rows:
        if row.url:
            yield row.url
        for cell in row.cells:
            yield from _value_addresses(cell)


def _value_addresses(value: Any) -> Iterator[str]:
    if isinstance(value, Link) and value.url:
        yield value.url
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _value_addresses(inner)


def people_in(records: Sequence[RecordContent]) -> list[PersonContent]:
    """Return who did something to these records, by name."""
    entries = {entry.pk: entry for content in records for entry in content.log}
    by_name: dict[str, list[OperationLog]] = {}
    for entry in sorted(entries.values(), key=lambda e: e.at):
        by_name.setdefault(entry.actor_name, []).append(entry)
    return [
        PersonContent(
            name=name,
            done=sorted({title_of(e.code) for e in done}),
            count=len(done),
            first=done[0].at,
            last=done[-1].at,
        )
        for name, done in sorted(by_name.items())
    ]


def title_of(code: str) -> str:
    """Return the words for an operation's code."""
    op = REGISTRY.get(code)
    return str(op.title) if op is not None else code
