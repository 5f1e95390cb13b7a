"""Reads of labels: which templates fit, what was printed, what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, JSONObject

from erp.core.actor import Actor
from traceability.identifiers.models import DeviceIdentifier
from traceability.identifiers.queries import identifier_of
from traceability.labels.carrier import ISSUER, Carrier
from traceability.labels.errors import NoIdentifier
from traceability.labels.models import LabelCount, LabelJob, LabelLine, LabelTemplate
from traceability.labels.states import UNACCOUNTED, JobState, TemplateState
from traceability.models import Lot

Fate = LabelCount.Fate


@dataclass(frozen=True, slots=True)
class Tally:
    """Where the labels of a job, or of a lot, went."""

    printed: int
    used: int = 0
    destroyed: int = 0
    retained: int = 0
    returned: int = 0

    @property
    def accounted(self) -> int:
        """Return how many labels somebody counted."""
        return self.used + self.destroyed + self.retained + self.returned

    @property
    def left(self) -> int:
        """Return how many are not accounted for."""
        return self.printed - self.accounted


def templates_for(lot: Lot) -> QuerySet[LabelTemplate]:
    """Return the approved templates from which labels of a lot or unit are printed."""
    rows = LabelTemplate.objects.filter(
        Q(item=lot.item_id) | Q(item_kind=lot.item.kind, item__isnull=True),
        state=TemplateState.APPROVED,
    )
    if lot.kind == Lot.Kind.SERIAL:
        rows = rows.filter(label_for=LabelTemplate.For.UNIT)
    return rows.order_by("code")


def identifier_for(template: LabelTemplate, lot: Lot) -> DeviceIdentifier:
    """Return the identifier the label carries, or raise ``NoIdentifier``."""
    found = identifier_of(
        lot.item_id, revision_id=lot.revision_id, level=template.level, market=template.market
    )
    issuer = ISSUER[Carrier(template.carrier)]
    if found is None or found.issuer != issuer:
        raise NoIdentifier(item=lot.item.code, issuer=issuer)
    return found


def jobs(actor: Actor) -> QuerySet[LabelJob]:
    """Return the visible print jobs with their counts and all a list shows."""
    rows = LabelJob.objects.visible_to(actor).select_related(
        "lot__item", "template", "identifier", "site", "printed_by", "reconciled_by", "reprint_of"
    )
    return counted(rows)


def counted(rows: QuerySet[LabelJob]) -> QuerySet[LabelJob]:
    """Add to every job how many of its labels went where."""
    sums = {fate: Coalesce(Sum("quantity", filter=Q(fate=fate)), Value(0)) for fate in Fate.values}
    counts = LabelCount.objects.filter(job=OuterRef("pk")).order_by().values("job")
    return rows.annotate(fates=Subquery(counts.values(fates=JSONObject(**sums))))


def tally(job: LabelJob) -> Tally:
    """Return where the labels of a job went; of a job not from :func:`counted` by one query."""
    printed = job.quantity if job.verified_at else 0
    if hasattr(job, "fates"):
        return Tally(printed, **(job.fates or {}))
    sums = LabelCount.objects.filter(job=job).values("fate").annotate(n=Sum("quantity"))
    return Tally(printed, **{row["fate"]: row["n"] for row in sums.order_by()})


def family(lot: Lot) -> list[int]:
    """Return the lot and the lot it belongs to: labels of a unit are printed with its lot."""
    return [pk for pk in (lot.pk, lot.batch_id) if pk]


def of_lot(actor: Actor, lot: Lot) -> QuerySet[LabelJob]:
    """Return the print jobs of a lot, or of the lot a unit belongs to, newest first."""
    return jobs(actor).filter(lot_id__in=family(lot)).order_by("-pk")


def unaccounted(lot_ids: Collection[int]) -> QuerySet[LabelJob]:
    """Return the jobs of these lots whose labels are not reconciled yet."""
    return counted(LabelJob.objects.filter(lot_id__in=lot_ids, state__in=UNACCOUNTED))


def printed_before(template: LabelTemplate, lots: Iterable[Lot]) -> Mapping[int, LabelLine]:
    """Return, by lot or unit, the label that exists already from any version of a template."""
    lines = LabelLine.objects.filter(
        lot_id__in=[lot.pk for lot in lots], job__template__code=template.code
    ).exclude(job__state__in=[JobState.REFUSED, JobState.REJECTED])
    return {line.lot_id: line for line in lines.select_related("job", "lot").order_by("pk")}


def lines_of(job: LabelJob) -> QuerySet[LabelLine]:
    """Return the labels of a job in order."""
    return LabelLine.objects.filter(job=job).select_related("lot").order_by("row")
