"""Pages of findings, and what a lot's page shows of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from erp.accounts.models import User
from erp.core import clock
from erp.core.actor import Actor
from erp.core.errors import Text
from erp.ui.home import TaskSource, add_tasks
from erp.ui.page import Column, Fact, Link, Moment, Pill, Row, Section, Table
from erp.ui.records import (
    ColumnSpec,
    FilterSpec,
    RecordKind,
    View,
    add_badges,
    add_section,
    register,
)
from traceability.completeness.models import Finding, Repair
from traceability.completeness.queries import open_on
from traceability.completeness.registry import CHECKS, ordered_checks
from traceability.completeness.states import FINDING, FindingState
from traceability.models import Lot
from traceability.records import lot_link, site_choices

LOT = "traceability.Lot"
AGES: tuple[tuple[str, Text, int], ...] = (
    ("week", _("older than a week"), 7),
    ("month", _("older than a month"), 30),
    ("quarter", _("older than three months"), 91),
)


def finding_pill(finding: Finding) -> Pill:
    """Return what became of a finding."""
    state = FindingState(finding.state)
    return Pill(FINDING.labels[state], FINDING.tones[state])


def finding_link(finding: Finding) -> Link:
    """Return the link to a finding by its number."""
    return Link(finding.number, f"/evidence-findings/{finding.pk}/", mono=True)


def title_of(finding: Finding) -> Text:
    """Return the title of the check that found it; of a check that is gone its code."""
    check = CHECKS.get(finding.check_code)
    return check.title if check else finding.check_code


def wrong_of(finding: Finding) -> str:
    """Return what is wrong, in the active language."""
    check = CHECKS.get(finding.check_code)
    return check.sentence(finding.facts) if check else finding.check_code


def _rows(actor: Actor) -> QuerySet[Finding]:
    rows = Finding.objects.visible_to(actor)
    return rows.select_related("lot__item", "site", "owner", "event", "opened_by_run")


def _facts(view: View) -> Sequence[Fact]:
    f: Finding = view.record
    check = CHECKS.get(f.check_code)
    event = Link(f"#{f.event_id}", f"/trace-events/{f.event_id}/", mono=True)
    run = f.opened_by_run
    facts = [
        Fact(_("What is wrong"), wrong_of(f)),
        Fact(_("Why it matters"), check.why if check else None),
        Fact(_("Lot or unit"), lot_link(f.lot)),
        Fact(_("Item"), Link(f"{f.lot.item.code} {f.lot.item.name}", f"/items/{f.lot.item_id}/")),
        Fact(_("Site"), f.site.code),
        Fact(pgettext_lazy("finding", "Found"), Moment(f.opened_at)),
        Fact(
            _("Found by"),
            Link(run.number, f"/evidence-checks/{run.pk}/", mono=True)
            if run
            else _("a check of this lot"),
        ),
        Fact(_("Owner"), str(f.owner) if f.owner else _("nobody yet")),
    ]
    if f.event_id:
        facts.insert(3, Fact(_("Trace event"), event))
    if f.closed_at:
        facts.append(Fact(_("Closed"), Moment(f.closed_at)))
    if f.explanation:
        facts.append(Fact(_("Explanation"), f.explanation))
    return facts


def _repairs(view: View) -> Section | None:
    rows = view.record.repairs.select_related("event__performed_by").order_by("pk")
    table = Table(
        columns=[
            Column("event", _("Trace event"), "mono"),
            Column("kind", _("What was recorded")),
            Column("happened", _("Happened"), "moment"),
            Column("recorded", _("Recorded"), "moment"),
            Column("by", _("By")),
            Column("source", _("Known from")),
        ],
        rows=[_repair_row(repair) for repair in rows],
        empty=_("Nothing was recorded for it yet."),
    )
    return Section("repairs", _("Repairs"), table=table, count=len(table.rows))


def _repair_row(repair: Repair) -> Row:
    event = repair.event
    return Row(
        [
            Link(f"#{event.pk}", f"/trace-events/{event.pk}/", mono=True),
            repair.get_kind_display(),
            Moment(event.event_time),
            Moment(event.record_time),
            str(event.performed_by),
            repair.source,
        ]
    )


def _next_step(view: View) -> Section | None:
    """Say in words what can be done; the buttons stand at the head of the page."""
    finding: Finding = view.record
    if finding.state != FindingState.OPEN:
        return None
    said = _(
        "Find the paper or the file that shows what really happened and attach it here. Then record"
        " the missing event, or explain under your signature why the evidence cannot be had. If a"
        " fact elsewhere is put right instead, the next check closes the finding by itself."
    )
    return Section("next", _("What to do"), facts=(), note=said)


def _older(rows: QuerySet[Finding], value: str) -> QuerySet[Finding]:
    days = next(days for code, _label, days in AGES if code == value)
    return rows.filter(opened_at__lt=clock.now() - dt.timedelta(days=days))


def _owners(actor: Actor) -> list[tuple[str, Text]]:
    owned = Finding.objects.visible_to(actor).filter(owner__isnull=False).values("owner")
    people = User.objects.filter(pk__in=owned).order_by("name", "pk")
    return [("none", _("nobody yet")), *((str(u.pk), str(u)) for u in people)]


def _owned(rows: QuerySet[Finding], value: str) -> QuerySet[Finding]:
    return rows.filter(owner__isnull=True) if value == "none" else rows.filter(owner_id=int(value))


def finding_api(f: Finding) -> Mapping[str, Any]:
    """Return the JSON form of a finding."""
    return {
        "number": f.number,
        "check": f.check_code,
        "title": str(title_of(f)),
        "detail": wrong_of(f),
        "facts": f.facts,
        "state": f.state,
        "lot_id": f.lot_id,
        "lot": f.lot.number,
        "item": f.lot.item.code,
        "event_id": f.event_id,
        "site_id": f.site_id,
        "owner": f.owner.username if f.owner else None,
        "opened_at": f.opened_at.isoformat(),
        "closed_at": f.closed_at.isoformat() if f.closed_at else None,
        "explanation": f.explanation or None,
        "repairs_with": list(CHECKS[f.check_code].repairs) if f.check_code in CHECKS else [],
    }


register(
    RecordKind(
        model="traceability.Finding",
        noun="evidence-findings",
        nav="audit",
        icon="zoom-exclamation",
        label=_("evidence finding"),
        plural=_("Evidence findings"),
        rows=_rows,
        number=lambda f: f.number,
        title=title_of,
        state=finding_pill,
        columns=[
            ColumnSpec("state", _("State"), finding_pill, "state"),
            ColumnSpec("number", _("Number"), finding_link, "mono", "number"),
            ColumnSpec("check", _("Finding"), title_of, sort="check_code"),
            ColumnSpec("lot", _("Lot or unit"), lambda f: lot_link(f.lot), "mono"),
            ColumnSpec("wrong", _("What is wrong"), wrong_of),
            ColumnSpec("owner", _("Owner"), lambda f: str(f.owner) if f.owner else "–"),
            ColumnSpec("site", _("Site"), lambda f: f.site.code),
            ColumnSpec(
                "at",
                pgettext_lazy("finding", "Found"),
                lambda f: Moment(f.opened_at),
                "moment",
                "opened_at",
            ),
        ],
        facts=_facts,
        sections=[_next_step, _repairs],
        search=("number", "lot__number", "lot__item__code", "lot__item__name"),
        filters=[
            FilterSpec("state", _("State"), lambda a: FINDING.choices(), "state"),
            FilterSpec(
                "check",
                _("Finding"),
                lambda a: [(c.code, c.title) for c in ordered_checks()],
                "check_code",
            ),
            FilterSpec(
                "age", _("Age"), lambda a: [(c, label) for c, label, _d in AGES], apply=_older
            ),
            FilterSpec("site", _("Site"), site_choices, "site_id"),
            FilterSpec("owner", _("Owner"), _owners, apply=_owned),
        ],
        scan=("number",),
        api=finding_api,
        evidence=True,
        empty=_(
            "No finding is open. Every finding comes from an evidence check; the checks say when"
            " lots were last searched."
        ),
    )
)


def _lot_section(view: View) -> Section | None:
    rows = open_on(view.record)
    count = rows.count()
    if not count:
        return None
    columns = [
        Column("number", _("Number"), "mono"),
        Column("what", _("Finding")),
        Column("lot", _("Lot or unit"), "mono"),
        Column("wrong", _("What is wrong")),
        Column("owner", _("Owner")),
    ]
    table_rows = [
        Row(
            [finding_link(f), title_of(f), lot_link(f.lot), wrong_of(f), str(f.owner or "–")],
            f"/evidence-findings/{f.pk}/",
        )
        for f in view.first(rows)
    ]
    more = None
    if count > len(table_rows):
        more = Link(
            _now("All %(count)s findings") % {"count": count},
            f"/evidence-findings/?state=open&search={view.record.number}",
        )
    table = Table(columns, table_rows, more=more)
    return Section("findings", _("Missing evidence"), table=table, count=count)


def _lot_badges(view: View) -> Sequence[Pill]:
    lot: Lot = view.record
    count = lot.findings.filter(state=FindingState.OPEN).count()
    if not count:
        return []
    said = ngettext("%(n)s piece of evidence missing", "%(n)s pieces of evidence missing", count)
    return [Pill(said % {"n": count}, "waiting")]


def _event_badges(view: View) -> Sequence[Pill]:
    repair = Repair.objects.filter(event=view.record).select_related("finding").first()
    if repair is None:
        return []
    return [Pill(_now("repair of %(finding)s") % {"finding": repair.finding.number}, "info")]


def _event_repair(view: View) -> Section | None:
    repair = Repair.objects.filter(event=view.record).select_related("finding").first()
    if repair is None:
        return None
    facts = [
        Fact(_("What was recorded"), repair.get_kind_display()),
        Fact(_("Finding"), finding_link(repair.finding)),
        Fact(_("Known from"), repair.source),
        Fact(_("Recorded"), Moment(view.record.record_time)),
    ]
    return Section("repair", _("Recorded afterwards"), facts=facts)


add_section(LOT, 15, _lot_section)
add_badges(LOT, _lot_badges)
add_badges("traceability.TraceEvent", _event_badges)
add_section("traceability.TraceEvent", 40, _event_repair)
add_tasks(
    TaskSource(
        code="evidence-findings",
        title=_("Missing evidence"),
        permission="traceability.assign_finding",
        noun="evidence-findings",
        rows=lambda a: _rows(a).open().order_by("opened_at", "pk"),  # type: ignore[attr-defined]
        query="state=open",
        icon="zoom-exclamation",
    )
)
