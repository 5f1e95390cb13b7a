"""Chapters that higher apps add to packs: what no single page shows, such as the whole chain.

    add_chapter("traceability.Lot", 10, backward)

``backward(view)`` returns a :class:`Chapter`, or ``None`` where there is nothing to tell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from erp.core.errors import Text
from erp.ui.page import Section
from erp.ui.records import RecordKind, View


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of a pack.

    ``lead`` is its answer in a sentence; ``gaps`` are sentences for the list of what to look at
    first; ``follow`` prints the records its sections link to as related records.
    """

    anchor: str
    title: Text
    sections: Sequence[Section]
    lead: Text = ""
    gaps: Sequence[Text] = ()
    follow: bool = False


_chapters: dict[str, list[tuple[int, Callable[[View], Chapter | None]]]] = defaultdict(list)


def add_chapter(model: str, order: int, build: Callable[[View], Chapter | None]) -> None:
    """Add a chapter to the packs of a kind of record; lower ``order`` comes first."""
    _chapters[model.lower()].append((order, build))


def chapters_of(kind: RecordKind, view: View) -> list[Chapter]:
    """Return the chapters of a pack in order."""
    ordered = sorted(_chapters[kind.label_lower], key=lambda pair: pair[0])
    made = (build(view) for _order, build in ordered)
    return [chapter for chapter in made if chapter is not None]
