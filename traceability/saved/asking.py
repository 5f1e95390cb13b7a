"""Which two answers an address asks to compare: the same for page, API and exports."""

from __future__ import annotations

from dataclasses import replace

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.core.actor import Actor
from erp.core.errors import NotFound
from traceability.origins import PG_INT_MAX
from traceability.saved import questions
from traceability.saved.compare import Comparison, Side, kept, live
from traceability.saved.models import SavedTrace
from traceability.trace import asked
from traceability.trace.errors import BadQuestion
from traceability.trace.query import Trace


def comparison(query: QueryDict, actor: Actor) -> Comparison:
    """Return the comparison that an address asks for.

    ``saved`` names a saved trace, ``with`` another one; without ``with`` the question is asked
    again. Without ``saved`` the address holds a question as in the trace, and ``known`` the day or
    instant whose knowledge is compared; ``as_known`` is the later one, empty for now.
    """
    if query.get("saved"):
        saved = _saved(query, "saved", actor)
        if query.get("with"):
            return Comparison.of(kept(saved, actor), kept(_saved(query, "with", actor), actor))
        later = asked.moment(query, "as_known", end=True)
        trace = replace(questions.again(saved, actor), as_known_at=later)
        return Comparison.of(kept(saved, actor), _live(trace))
    known = asked.moment(query, "known", end=True)
    if known is None:
        raise BadQuestion(name="known", value="", expected="2026-11-22")
    later_trace = asked.read(query).trace(actor)
    earlier = replace(later_trace, as_known_at=known)
    return Comparison.of(_live(earlier), _live(later_trace))


def _saved(query: QueryDict, name: str, actor: Actor) -> SavedTrace:
    pk = asked.whole(query, name, most=PG_INT_MAX) or 0
    found = SavedTrace.objects.visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(what=SavedTrace._meta.verbose_name)
    return found


def _live(trace: Trace) -> Side:
    at = trace.as_known_at
    if at is None:
        return live(trace, _("as known now"))
    return live(trace, _("as known at %(at)s") % {"at": f"{timezone.localtime(at):%Y-%m-%d %H:%M}"})
