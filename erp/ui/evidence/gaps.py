"""What to know before believing a pack: what is missing, void, changed outside or damaged."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from erp.ui.evidence.content import PackContent, RecordContent
from erp.ui.page import Pill

MISSING, VOID, OUTSIDE, DAMAGED = "missing", "void", "outside", "damaged"
AGAINST = "against"
OPEN_TONES = frozenset({"bad", "recall", "waiting"})
BAD_TONES = frozenset({"bad", "recall"})
NAMED = 3
"""So many records are named; of more, the first, the last and how many."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing to look at: its kind, in which record, and what it is."""

    kind: str
    record: str
    sentence: str

    @property
    def grave(self) -> bool:
        """Tell whether it puts evidence in doubt."""
        return self.kind in {VOID, OUTSIDE, DAMAGED}

    @property
    def against(self) -> bool:
        """Tell whether it speaks against the goods, or is not decided yet."""
        return self.kind == AGAINST

    @property
    def weight(self) -> int:
        """Return the place in the list: doubt first, what is only absent last."""
        return 0 if self.grave else 1 if self.against else 2


def gaps_in(content: PackContent) -> list[Gap]:
    """Return everything to look at: what puts evidence in doubt, what speaks against the goods or
    is still open, what was not recorded. What is said of many records alike is said once.
    """
    alike: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for record in content.records:
        for kind, sentence in _gaps_of(record, content.subject):
            alike[kind, str(record.kind.label), sentence].append(record.number)
    found = [
        Gap(kind, f"{label} {_numbers(numbers)}", sentence)
        for (kind, label, sentence), numbers in alike.items()
    ]
    found += [
        Gap(MISSING, str(c.title), str(sentence)) for c in content.chapters for sentence in c.gaps
    ]
    if content.left_out:
        sentence = ngettext(
            "%(count)s linked record is named but not printed in full.",
            "%(count)s linked records are named but not printed in full.",
            content.left_out,
        )
        found.append(Gap(MISSING, _("Related records"), sentence % {"count": content.left_out}))
    return sorted(found, key=lambda gap: gap.weight)


def _numbers(numbers: Sequence[str]) -> str:
    if len(numbers) <= NAMED:
        return ", ".join(numbers)
    return f"{numbers[0]} … {numbers[-1]} ({len(numbers)})"


def _gaps_of(content: RecordContent, subject: RecordContent) -> Iterator[tuple[str, str]]:
    """Yield what is to be looked at in one record of the pack about ``subject``.

    Of the other lots in a chain their state is enough: their lines stand with the records
    themselves.
    """
    for signature in content.signatures:
        if not signature.valid:
            sentence = _(
                "The signature of %(name)s (%(meaning)s) is void: the content changed afterwards."
            )
            yield VOID, sentence % {"name": signature.name, "meaning": signature.meaning}
    outside = sum(1 for entry in content.history if entry.outside)
    if outside:
        sentence = ngettext(
            "%(count)s change was made directly in the database, not through an operation.",
            "%(count)s changes were made directly in the database, not through an operation.",
            outside,
        )
        yield OUTSIDE, sentence % {"count": outside}
    for document in content.documents:
        if document.pk in content.damaged:
            sentence = _("The file of “%(title)s” is missing or no longer has its hash.")
            yield DAMAGED, sentence % {"title": document.title}
    yield from ((AGAINST, s) for s in _state_against(content))
    if content is subject or content.kind is not subject.kind:
        yield from ((AGAINST, s) for s in _lines_against(content, subject))
    yield from ((MISSING, s) for s in _missing(content))


def _state_against(content: RecordContent) -> Iterator[str]:
    """Say which state and marks of a record are bad, or not decided yet."""
    pills = [content.state, *content.badges]
    said = [_told(pill) for pill in pills if pill is not None and pill.tone in OPEN_TONES]
    if said:
        yield _("State: %(what)s.") % {"what": ", ".join(dict.fromkeys(said))}


def _lines_against(content: RecordContent, subject: RecordContent) -> Iterator[str]:
    """Say which lines in the sections of a record are bad: a result, a hold, a process.

    What an instrument found on other goods speaks against the instrument's pack, not against these.
    """
    for section in content.sections:
        if section.tells_of_others and content is not subject:
            continue
        words = Counter(
            str(pill.word)
            for row in (section.table.rows if section.table else ())
            for cell in row.cells
            for pill in (cell if isinstance(cell, list | tuple) else [cell])
            if isinstance(pill, Pill) and pill.tone in BAD_TONES
        )
        if words:
            lines = ", ".join(f"{word} ({count})" for word, count in words.items())
            yield _("Under %(section)s: %(lines)s.") % {"section": section.title, "lines": lines}


def _told(pill: Pill) -> str:
    return f"{pill.word} ({pill.title})" if pill.title else str(pill.word)


def _missing(content: RecordContent) -> Sequence[str]:
    facts = [str(f.label) for f in content.facts if f.value is None or f.value == ""]
    found = [_("Not recorded: %(what)s.") % {"what": ", ".join(facts)}] if facts else []
    empty = [
        str(s.title)
        for s in content.sections
        if s.table is not None and not s.table.rows and not s.may_be_empty
    ]
    return found + (
        [_("Nothing recorded under: %(what)s.") % {"what": ", ".join(empty)}] if empty else []
    )
