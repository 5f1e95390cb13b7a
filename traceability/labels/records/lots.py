"""What a lot's page says of its labels."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.ui.page import Column, Link, Moment, Number, Row, Section, Table
from erp.ui.records import View, add_section
from traceability.labels import queries
from traceability.labels.models import LabelJob
from traceability.labels.queries import Tally
from traceability.labels.records.jobs import job_link, job_pill, range_of
from traceability.labels.records.templates import template_link
from traceability.models import Lot

COLUMNS = (
    Column("state", _("State"), "state"),
    Column("number", _("Print job"), "mono"),
    Column("template", _("Template"), "mono"),
    Column("range", _("Number range"), "mono"),
    Column("printed", _("Printed"), "number"),
    Column("used", _("Used"), "number"),
    Column("destroyed", _("Destroyed"), "number"),
    Column("left", _("Not accounted for"), "number"),
    Column("who", _("Printed by")),
    Column("at", _("When"), "moment"),
)


def labels_section(view: View) -> Section | None:
    """Show every print of labels for a lot and where the labels went."""
    lot: Lot = view.record
    found = queries.of_lot(view.actor, lot)
    if lot.kind == Lot.Kind.SERIAL and lot.batch_id:
        found = _naming(found, lot)
    shown = view.first(found)
    count = found.count() if len(shown) else 0
    if not shown and not queries.templates_for(lot).exists():
        return None
    tallies = [queries.tally(job) for job in shown]
    rows = [_row(job, tally) for job, tally in zip(shown, tallies, strict=True)]
    more = Link(_now("All %(count)s jobs") % {"count": count}, f"/label-jobs/?search={lot.number}")
    table = Table(
        COLUMNS,
        rows,
        _("No labels were printed for it yet."),
        more if count > len(rows) else None,
    )
    title = pgettext_lazy("things that are stuck on", "Labels")
    return Section("labels", title, table=table, count=count, note=_note(tallies))


def _naming(found: QuerySet[LabelJob], unit: Lot) -> QuerySet[LabelJob]:
    """Keep the jobs with a label of this unit: the rest of its lot's labels stands there."""
    jobs = LabelJob.objects.filter(lines__lot=unit)
    return found.filter(pk__in=jobs.values("pk"))


def _row(job: LabelJob, tally: Tally) -> Row:
    return Row(
        [
            job_pill(job),
            job_link(job),
            template_link(job.template),
            range_of(job),
            Number(str(tally.printed)),
            Number(str(tally.used)),
            Number(str(tally.destroyed)),
            Number(str(tally.left)),
            str(job.printed_by),
            Moment(job.printed_at),
        ],
        f"/label-jobs/{job.pk}/",
    )


def _note(tallies: list[Tally]) -> str:
    printed = sum(t.printed for t in tallies)
    if not printed:
        return ""
    left = sum(t.left for t in tallies)
    if left:
        said = _now("%(left)s of %(printed)s printed labels are not accounted for.")
        return said % {"left": left, "printed": printed}
    return _now("All %(printed)s printed labels are accounted for.") % {"printed": printed}


add_section("traceability.Lot", 62, labels_section)
