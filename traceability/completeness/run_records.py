"""Pages of check runs: progress while they run, then the score by check, site and item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp.accounts.queries import site_filter
from erp.core.actor import Actor
from erp.core.errors import Text
from erp.ui.evidence.records import Job
from erp.ui.home import add_tiles
from erp.ui.page import Column, Fact, Link, Moment, Number, Pill, Row, Section, Table, Tile
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, register
from traceability.completeness import progress, queries
from traceability.completeness.models import CheckCount, CheckRun
from traceability.completeness.queries import Score, score_of, scores_seen
from traceability.completeness.registry import CHECKS, ordered_checks
from traceability.completeness.states import CHECK_RUN, RunState

WORST = 20
GOOD_FROM, FAIR_FROM = 100.0, 95.0


def run_pill(run: CheckRun) -> Pill:
    """Return where a run is."""
    state = RunState(run.state)
    return Pill(CHECK_RUN.labels[state], CHECK_RUN.tones[state])


def percent(score: Score) -> str:
    """Return a score in words; never 100 % while a single lot has an open finding."""
    return f"{score.percent:g} %"


def _rows(actor: Actor) -> QuerySet[CheckRun]:
    return CheckRun.objects.visible_to(actor).select_related("requested_by")


def job_of(run: CheckRun) -> Job:
    """Return how far a run is, as the shared progress part shows it."""
    url = reverse("evidence-check-progress", args=[run.pk])
    if run.state == RunState.FAILED:
        said = _now("The check did not come to its end: %(error)s") % {"error": run.error}
        return Job(run.number, _("Failed"), 100, (), url, finished=True, failed=said)
    if run.state == RunState.DONE:
        link = Link(_now("Show the result"), f"/evidence-checks/{run.pk}/")
        return Job(run.number, _("Ready"), 100, (), url, finished=True, result=link)
    return Job(run.number, _("Searching every lot"), progress.read(run.pk), (), url, finished=False)


def _facts(view: View) -> Sequence[Fact]:
    run: CheckRun = view.record
    whole = _("all lots and units")
    part = _("lots touched since the last check, and those under findings")
    facts = [
        Fact(_("Scope"), whole if run.full else part),
        Fact(_("Requested by"), str(run.requested_by)),
        Fact(_("Requested"), Moment(run.requested_at)),
        Fact(_("Finished"), Moment(run.finished_at) if run.finished_at else "–"),
    ]
    if run.state != RunState.DONE:
        return facts
    score = score_of(scores_seen(view.actor, run))
    facts += [
        Fact(_("Score"), Number(percent(score))),
        Fact(_("Lots and units"), Number(str(score.lots))),
        Fact(_("With missing evidence"), Number(str(score.broken))),
        Fact(_("Explained"), Number(str(score.explained))),
        Fact(_("Duration"), Number(f"{run.milliseconds / 1000:.1f}", "s")),
    ]
    if view.actor.sees_everything:
        facts.append(Fact(_("Searched"), Number(str(run.lots))))
    return facts


def _progress(view: View) -> Section | None:
    run: CheckRun = view.record
    if run.state == RunState.DONE:
        return None
    context = job_of(run)
    return Section("progress", _("Progress"), template="evidence/_file.html", context=context)


COUNT_COLUMNS = [
    Column("check", _("Finding")),
    Column("open", _("Open"), "number"),
    Column("opened", _("New"), "number"),
    Column("closed", _("Right again"), "number"),
    Column("why", _("Why it matters")),
]


def _by_check(view: View) -> Section | None:
    run: CheckRun = view.record
    if run.state != RunState.DONE:
        return None
    rows = CheckCount.objects.filter(site_filter(view.actor), run=run)
    summed = rows.order_by().values_list("check_code")
    sums = {
        code: numbers
        for code, *numbers in summed.annotate(a=Sum("open"), b=Sum("opened"), c=Sum("closed"))
    }
    table = Table(
        COUNT_COLUMNS,
        [
            Row(
                [
                    Link(check.title, f"/evidence-findings/?state=open&check={check.code}"),
                    *(Number(str(n)) for n in sums.get(check.code, (0, 0, 0))),
                    check.why,
                ]
            )
            for check in ordered_checks()
        ],
    )
    note = _("Every check that was made stands here, also those that found nothing.")
    return Section("checks", _("By check"), table=table, note=note, count=len(table.rows))


SCORE_COLUMNS = [
    Column("score", _("Score"), "number"),
    Column("lots", _("Lots and units"), "number"),
    Column("broken", _("With missing evidence"), "number"),
    Column("explained", _("Explained"), "number"),
]


def _score_cells(row: Mapping[str, Any]) -> list[Any]:
    score = Score(row["a"], row["b"], row["c"])
    return [
        Number(percent(score)),
        *(Number(str(n)) for n in (score.lots, score.broken, score.explained)),
    ]


def _sums(view: View, *by: str) -> QuerySet[Any, Any]:
    rows = scores_seen(view.actor, view.record).order_by().values(*by)
    summed: QuerySet[Any, Any] = rows.annotate(a=Sum("lots"), b=Sum("broken"), c=Sum("explained"))
    return summed


def _by_site(view: View) -> Section | None:
    if view.record.state != RunState.DONE:
        return None
    sums = _sums(view, "site_id", "site__code", "site__name").order_by("site__code")
    rows = [
        Row(
            [
                Link(
                    f"{row['site__code']} {row['site__name']}",
                    f"/evidence-findings/?state=open&site={row['site_id']}",
                ),
                *_score_cells(row),
            ]
        )
        for row in sums
    ]
    table = Table([Column("site", _("Site")), *SCORE_COLUMNS], rows)
    return Section("sites", _("By site"), table=table, count=len(rows))


def _by_item(view: View) -> Section | None:
    if view.record.state != RunState.DONE:
        return None
    broken = _sums(view, "item_id", "item__code", "item__name").filter(b__gt=0)
    count = broken.count()
    shown = broken.order_by("-b", "item__code")[: None if view.full else WORST]
    rows = [
        Row(
            [
                Link(
                    f"{row['item__code']} {row['item__name']}",
                    f"/evidence-findings/?state=open&search={row['item__code']}",
                ),
                *_score_cells(row),
            ]
        )
        for row in shown
    ]
    table = Table(
        [Column("item", _("Item")), *SCORE_COLUMNS],
        rows,
        empty=_("No item has a lot with missing evidence."),
    )
    note = ""
    if count > len(rows):
        note = _now("The %(shown)s items with most, of %(count)s.") % {
            "shown": len(rows),
            "count": count,
        }
    return Section("items", _("By item"), table=table, count=count, note=note)


def _trend(view: View) -> Section | None:
    runs = queries.trend(view.actor)
    if len(runs) < 2:  # noqa: PLR2004 - one point is no trend
        return None
    rows = [
        Row(
            [
                Moment(run.requested_at),
                Link(run.number, f"/evidence-checks/{run.pk}/", mono=True),
                Number(percent(score)),
                Number(str(score.broken)),
                Number(str(score.lots)),
            ],
            f"/evidence-checks/{run.pk}/",
        )
        for run, score in reversed(runs)
    ]
    columns = [
        Column("at", _("When"), "moment"),
        Column("run", _("Evidence check"), "mono"),
        Column("score", _("Score"), "number"),
        Column("broken", _("With missing evidence"), "number"),
        Column("lots", _("Lots and units"), "number"),
    ]
    return Section("trend", _("The last checks"), table=Table(columns, rows), count=len(rows))


def run_api(run: CheckRun) -> Mapping[str, Any]:
    """Return the JSON form of a run; what it counted is read by findings and scores."""
    return {
        "number": run.number,
        "full": run.full,
        "state": run.state,
        "percent": 100 if run.state != RunState.QUEUED else progress.read(run.pk),
        "requested_by": run.requested_by.username,
        "requested_at": run.requested_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "milliseconds": run.milliseconds,
        "checks": sorted(CHECKS),
        "error": run.error or None,
    }


RUNS = register(
    RecordKind(
        model="traceability.CheckRun",
        noun="evidence-checks",
        nav="audit",
        icon="zoom-check",
        label=_("evidence check"),
        plural=_("Evidence checks"),
        rows=_rows,
        number=lambda r: r.number,
        title=lambda r: _("All lots and units") if r.full else _("What changed"),
        state=run_pill,
        columns=[
            ColumnSpec("state", _("State"), run_pill, "state"),
            ColumnSpec(
                "number",
                _("Number"),
                lambda r: Link(r.number, f"/evidence-checks/{r.pk}/", mono=True),
                "mono",
                "number",
            ),
            ColumnSpec(
                "scope",
                _("Scope"),
                lambda r: _("all lots and units") if r.full else _("what changed"),
            ),
            ColumnSpec("by", _("Requested by"), lambda r: str(r.requested_by)),
            ColumnSpec(
                "at",
                _("Requested"),
                lambda r: Moment(r.requested_at),
                "moment",
                "requested_at",
            ),
            ColumnSpec(
                "took",
                _("Duration"),
                lambda r: Number(f"{r.milliseconds / 1000:.1f}", "s") if r.finished_at else "–",
                "number",
            ),
        ],
        facts=_facts,
        sections=[_progress, _by_check, _by_site, _by_item, _trend],
        search=("number",),
        filters=[FilterSpec("state", _("State"), lambda a: CHECK_RUN.choices(), "state")],
        scan=("number",),
        api=run_api,
        empty=_("No check was made yet. It runs every night, and whenever somebody asks for it."),
    )
)


def _tile(actor: Actor) -> Sequence[Tile]:
    """Return the score of the last check with its trend; three queries."""
    if not actor.may("traceability.assign_finding") and _works(actor):
        return []
    runs = queries.trend(actor)
    if not runs:
        return []
    run, score = runs[-1]
    tone = "good" if score.percent >= GOOD_FROM else "waiting"
    if score.percent < FAIR_FROM:
        tone = "bad"
    note: Text = _("lots with unbroken evidence")
    if score.broken:
        note = _now("%(n)s with missing evidence") % {"n": plain_count(score.broken)}
    trend = [s.percent for _run, s in runs]
    url = f"/evidence-checks/{run.pk}/"
    return [Tile(_("Evidence"), percent(score), url, tone, note, trend)]


def _works(actor: Actor) -> bool:
    """Tell whether the person does something here rather than reads."""
    reading = ("evidence.", "read.", "traceability.save_trace")
    return any(not code.startswith(reading) for code in actor.grants)


def plain_count(number: int) -> str:
    """Return a count with the separators of the language."""
    return str(number_format(number, use_l10n=True, force_grouping=True))


add_tiles(_tile)
