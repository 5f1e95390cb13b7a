"""Figures of the home page. Each is one aggregate query and opens the list of what it counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncDate, TruncMonth
from django.utils.translation import gettext_lazy as _

from erp.accounts.queries import site_filter
from erp.core import clock
from erp.core.actor import Actor
from erp.core.errors import Text
from erp.production.models import WorkOrder
from erp.production.states import WorkOrderState
from erp.ui import listing
from erp.ui.page import Tile
from erp.ui.records import KINDS
from quality.inspection.models import Inspection, Stage
from quality.inspection.states import InspectionState

MONTHS_SHOWN = 6
GOOD_YIELD, GOOD_ON_TIME = 98, 90


@dataclass(frozen=True, slots=True)
class Counted:
    """How many records a filtered list holds; ``interests`` are beginnings of operation codes."""

    label: Text
    noun: str
    query: Mapping[str, str]
    interests: tuple[str, ...]
    tone: str = "waiting"

    def tile(self, actor: Actor) -> Tile:
        """Return the tile: the count of exactly the list that it opens."""
        count = listing.filtered(KINDS[self.noun], actor, self.query).count()
        url = f"/{self.noun}/?{urlencode(self.query)}"
        return Tile(self.label, str(count), url, self.tone if count else "good")


COUNTED: tuple[Counted, ...] = (
    Counted(
        _("Lots in quarantine"),
        "lots",
        {"state": "quarantine", "kind": "lot"},
        ("quality.", "procurement.receive", "inventory."),
    ),
    Counted(
        _("Inspections to record"), "inspections", {"waits": "measure"}, ("quality.record",), "info"
    ),
    Counted(
        _("Inspections to decide"), "inspections", {"waits": "decide"}, ("quality.decide",), "info"
    ),
    Counted(
        _("Holds in force"),
        "holds",
        {"state": "open"},
        ("quality.", "inventory.", "sales.", "recall."),
        "bad",
    ),
    Counted(_("Deviations to review"), "deviations", {"state": "open"}, ("quality.review",), "bad"),
    Counted(
        _("Dispositions to decide"),
        "deviations",
        {"state": "under_review"},
        ("quality.disposition",),
    ),
    Counted(
        _("Purchase orders overdue"),
        "purchase-orders",
        {"overdue": "yes"},
        ("procurement.",),
        "bad",
    ),
    Counted(
        _("Work orders in progress"), "work-orders", {"state": "started"}, ("production.",), "info"
    ),
    Counted(
        _("At subcontractors"),
        "process-cycles",
        {"state": "sent"},
        ("production.send", "production.plan"),
        "info",
    ),
    Counted(_("Sales orders open"), "sales-orders", {"state": "open"}, ("sales.",), "info"),
    Counted(_("Shipments in transit"), "shipments", {"state": "in_transit"}, ("sales.",), "info"),
    Counted(
        _("Instruments not usable"),
        "instruments",
        {"calibration": "overdue"},
        ("equipment.", "quality.record"),
        "bad",
    ),
    Counted(
        _("Calibrations due in 30 days"),
        "instruments",
        {"calibration": "soon"},
        ("equipment.",),
    ),
)


def counted(actor: Actor) -> Sequence[Tile]:
    """Return the counts that matter to this person; whoever only reads sees all of them."""
    return [figure.tile(actor) for figure in COUNTED if _matters(figure.interests, actor)]


def _matters(interests: tuple[str, ...], actor: Actor) -> bool:
    works = [code for code in actor.grants if not code.startswith(("organisation.", "evidence."))]
    works = [code for code in works if not code.startswith("read.")]
    if not works:
        return "organisation.register_person" not in actor.grants
    return any(code.startswith(interests) for code in works)


def rates(actor: Actor) -> Sequence[Tile]:
    """Return first-pass yield and on-time completion of the last months, with their trend."""
    if not _matters(("quality.", "production."), actor):
        return []
    return [*_tiles_of(_yields(actor)), *_tiles_of(_on_time(actor))]


@dataclass(frozen=True, slots=True)
class Rate:
    """Parts of a whole by month, oldest first."""

    label: Text
    url: str
    good_from: int
    months: Sequence[tuple[Decimal, Decimal]]


def _yields(actor: Actor) -> Rate:
    decided = Inspection.objects.filter(
        site_filter(actor),
        stage=Stage.FINAL,
        decided_at__gte=_since(),
    ).exclude(state=InspectionState.OPEN)
    rows = decided.annotate(month=TruncMonth("decided_at")).order_by("month").values("month")
    sums = rows.annotate(good=Sum("accepted_quantity"), whole=Sum("quantity"))
    months = [(row["good"] or Decimal(0), row["whole"] or Decimal(0)) for row in sums]
    return Rate(_("First-pass yield"), "/inspections/?stage=final", GOOD_YIELD, months)


def _on_time(actor: Actor) -> Rate:
    done = WorkOrder.objects.filter(
        site_filter(actor),
        state=WorkOrderState.COMPLETED,
        due_on__isnull=False,
        completed_at__gte=_since(),
    )
    kept = Count("pk", filter=Q(day__lte=F("due_on")))
    rows = done.annotate(day=TruncDate("completed_at"), month=TruncMonth("completed_at"))
    sums = rows.order_by("month").values("month").annotate(good=kept, whole=Count("pk"))
    months = [(Decimal(row["good"]), Decimal(row["whole"])) for row in sums]
    return Rate(_("Work orders on time"), "/work-orders/?state=completed", GOOD_ON_TIME, months)


def _since() -> dt.datetime:
    return clock.now() - dt.timedelta(days=31 * MONTHS_SHOWN)


def _tiles_of(rate: Rate) -> Iterator[Tile]:
    good, whole = (
        (sum(column, Decimal(0)) for column in zip(*rate.months, strict=True))
        if rate.months
        else (0, 0)
    )
    if not whole:
        return
    percent = round(100 * good / whole)
    trend = [float(100 * part / all_of) for part, all_of in rate.months if all_of]
    tone = "good" if percent >= rate.good_from else "waiting"
    yield Tile(rate.label, f"{percent} %", rate.url, tone, _("last six months"), trend)


TILES: tuple[Callable[[Actor], Sequence[Tile]], ...] = (counted, rates)
