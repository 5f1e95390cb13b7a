"""What can be chosen on the trace page: filters, directions, exports."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import Resolver404, resolve
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from erp.ui import page as ui
from traceability.models import Lot
from traceability.origins import EXPOSURES
from traceability.states import LOT, LotState
from traceability.trace import asked
from traceability.trace.answer import Direction
from traceability.trace.query import Trace
from traceability.trace.siblings import Siblings
from traceability.web.tables import level_words

EPCIS = "export.epcis.json"
SAVE = "traceability.save_trace"


def filters_of(trace: Trace, query: QueryDict) -> list[ui.Filter]:
    """Return the filters of the table of lots, with what the answer holds."""
    items = {str(g.item_id): f"{g.item} {g.name}" for g in trace.groups}
    levels = {str(g.level): level_words(g.level) for g in trace.groups}
    states = {g.state: str(LOT.labels[LotState(g.state)]) for g in trace.groups}
    kinds = {g.kind: str(capfirst(Lot.Kind(g.kind).label)) for g in trace.groups}
    named = (
        ("kind", _("Kind"), kinds),
        ("item", _("Item"), items),
        ("state", _("State"), states),
        ("level", _("Steps"), levels),
    )
    found = [_filter(query, name, label, choices) for name, label, choices in named]
    if isinstance(trace, Siblings):
        ways = {t.token: f"{t.kind}: {t.record.label}" for t in trace.through if t.lots}
        kinds = {code: str(e.label) for code, e in EXPOSURES.items()}
        found += [
            _filter(query, "through", _("Through"), ways),
            _filter(query, "via", _("Kind of exposure"), kinds),
        ]
    return found


def _filter(query: QueryDict, name: str, label: str, choices: Mapping[str, str]) -> ui.Filter:
    present = query.get(name, "")
    options = [
        ui.FilterOption(
            text,
            asked.address(query, **{name: None if value == present else value, "after": None})
            + "#lots",
            active=value == present,
            value=value,
        )
        for value, text in choices.items()
    ]
    return ui.Filter(label, name, options)


def exports_of(query: QueryDict) -> list[ui.Link]:
    """Return the files of the whole answer. EPCIS stands here where the plant exchanges it."""
    shown = dict.fromkeys(("why", "check", "after", "facets", "facet", "when", "through"))
    base = asked.address(query, **shown)
    links = asked.address(query, **shown, part="links")
    files = [
        ui.Link(_("Report (PDF)"), f"export.pdf{base}"),
        ui.Link(_("Workbook (XLSX)"), f"export.xlsx{base}"),
        ui.Link(_("Lots and units (CSV)"), f"export.csv{base}"),
        ui.Link(_("Links (CSV)"), f"export.csv{links}"),
        ui.Link(_("Everything (JSON)"), f"export.json{base}"),
    ]
    if has_epcis() and query.get("direction") != Direction.SIBLINGS:
        files.append(ui.Link(_("Events (EPCIS 2.0)"), f"{EPCIS}{base}"))
    return files


def keeping_of(trace: Trace, query: QueryDict) -> list[ui.Action]:
    """Return how an answer is kept, compared with another day, and found again.

    What is asked of siblings is neither kept nor compared: a saved trace is a chain.
    """
    listed = ui.Action("", _("Saved traces"), "/saved-traces/")
    if isinstance(trace, Siblings):
        return [listed]
    asked_again = {name: asked.text(query, name) for name in ("since", "until", "depth")}
    starts = [token.strip() for token in query.getlist("start") if token.strip()]
    question = {"direction": trace.direction.value, **{k: v for k, v in asked_again.items() if v}}
    as_known = asked.text(query, "as_known")
    known = {"as_known": as_known} if as_known else {}
    compared = urlencode([*(("start", s) for s in starts), *question.items(), *known.items()])
    actions = [ui.Action("", _("Compare with a day"), f"/trace/compare/?{compared}"), listed]
    if trace.actor.may(SAVE):
        kept = urlencode({"start": ",".join(starts), **question, **known})
        actions.insert(0, ui.Action(SAVE, _("Save this trace"), f"/do/{SAVE}/?{kept}"))
    return actions


def has_epcis() -> bool:
    """Tell whether the EPCIS export is installed; it belongs to an app of its own."""
    try:
        resolve(f"/trace/{EPCIS}")
    except Resolver404:
        return False
    return True


def directions(present: Direction) -> list[ui.Choice]:
    """Return the ways to ask."""
    return [ui.Choice(d.value, d.label, d is present) for d in Direction]
