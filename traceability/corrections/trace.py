"""What a trace knows of corrections."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from traceability.corrections.queries import never_made
from traceability.models import ErrorDeclaration, EventSubject
from traceability.origins import FacetRow, facet, mark
from traceability.words import event_words

Ids = Collection[int]


@mark("never_made", label=_("never made"))
def numbers_without_goods(lot_ids: Ids) -> Collection[int]:
    """Return those of these lots whose making was declared wrong."""
    return never_made(lot_ids)


@facet("corrections", title=_("Corrections"), order=75)
def corrections(event_ids: Ids, lot_ids: Ids) -> Sequence[FacetRow]:
    """Return what was declared wrong about the lots of a trace."""
    return [
        FacetRow(
            label=declaration.number,
            url=f"/corrections/{declaration.pk}/",
            detail=_now("%(step)s of %(date)s: %(error)s")
            % {
                "step": event_words(declaration.wrong),
                "date": f"{declaration.wrong.event_time:%Y-%m-%d}",
                "error": declaration.get_error_display(),
            },
            at=declaration.declared_at,
        )
        for declaration in _about(lot_ids).order_by("number")
    ]


def _about(lot_ids: Ids) -> QuerySet[ErrorDeclaration]:
    named = EventSubject.objects.filter(lot_id__in=lot_ids, event__corrects__isnull=False)
    rows = ErrorDeclaration.objects.filter(event__in=named.values("event"))
    return rows.select_related("wrong")
