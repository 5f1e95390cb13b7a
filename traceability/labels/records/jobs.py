"""Print jobs as records: list, page with specimen, examination and reconciliation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.core.errors import Text
from erp.core.quantities import plain
from erp.ui.evidence.records import Job, JobStep
from erp.ui.page import Column, Fact, Link, Moment, Number, Pill, Row, Section, Table
from erp.ui.records import PAGE_SECTION_ROWS, ColumnSpec, FilterSpec, RecordKind, View, register
from traceability.labels import progress, queries
from traceability.labels.inputs import CHECKS, CONFORMS, DIFFERS, VERDICTS
from traceability.labels.models import LabelExamination, LabelJob, LabelLine
from traceability.labels.operations.fate import allowed_missing
from traceability.labels.queries import Tally
from traceability.labels.records.templates import Preview, template_link
from traceability.labels.states import JOB, JobState
from traceability.labels.verify import visible
from traceability.records import lot_link, site_choices

PRINTABLE = (JobState.PRINTED, JobState.RELEASED)


@dataclass(frozen=True, slots=True)
class Share:
    """One part of a bar: how many labels, of which fate."""

    label: Text
    count: int
    tone: str
    start: int
    """How many labels lie before it in the bar."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Where labels went, as parts of those printed."""

    printed: int
    shares: Sequence[Share]
    said: Text


def job_pill(job: LabelJob) -> Pill:
    """Return how far a job is."""
    state = JobState(job.state)
    return Pill(JOB.labels[state], JOB.tones[state])


def job_link(job: LabelJob) -> Link:
    """Return the link to a job."""
    return Link(job.number, f"/label-jobs/{job.pk}/", mono=True)


def range_of(job: LabelJob) -> Any:
    """Return which units the labels are for."""
    if job.first == job.last:
        return Link(job.first, mono=True)
    return Link(f"{job.first} … {job.last}", mono=True)


def bar_of(tally: Tally) -> Bar:
    """Return a reconciliation as a bar; what is not accounted for stands last."""
    shares: list[Share] = []
    start = 0
    for words, count, tone in _fates(tally):
        if count:
            shares.append(Share(words, count, tone, start))
        start += count
    words = ", ".join(f"{share.label} {share.count}" for share in shares)
    said = _now("%(printed)s printed: %(words)s") % {"printed": tally.printed, "words": words}
    return Bar(tally.printed, shares, said)


def _fates(tally: Tally) -> Sequence[tuple[Text, int, str]]:
    return (
        (_("used"), tally.used, "good"),
        (_("destroyed"), tally.destroyed, "draft"),
        (_("kept as sample"), tally.retained, "info"),
        (_("returned unused"), tally.returned, "waiting"),
        (_("not accounted for"), tally.left, "bad"),
    )


def job_of(job: LabelJob) -> Job:
    """Return how far the making of a job is, and what can be printed from."""
    url = reverse("label-progress", args=[job.pk])
    if job.state == JobState.REFUSED:
        failed = _now("Nothing was printed: %(count)s labels are not as intended.") % {
            "count": len(job.faults)
        }
        return Job(job.number, _("Refused"), 100, (), url, finished=True, failed=failed)
    if job.state != JobState.QUEUED:
        done = [JobStep(words, "done") for _code, words, _percent in progress.STEPS]
        said = _("Every label was read back and is as intended")
        return Job(job.number, said, 100, done, url, finished=True, result=_download(job))
    at = progress.read(job.pk)
    codes = [code for code, _words, _percent in progress.STEPS]
    here = codes.index(at.step) if at.step in codes else -1
    steps = [
        JobStep(words, "done" if i < here else "now" if i == here else "waiting")
        for i, (_code, words, _percent) in enumerate(progress.STEPS)
    ]
    message = progress.STEPS[here][1] if here >= 0 else _("Waiting for its turn")
    return Job(job.number, message, at.percent, steps, url, finished=False)


def _download(job: LabelJob) -> Link | None:
    if job.state not in PRINTABLE:
        return None
    form = "zpl" if job.zpl_sha256 else "pdf"
    words = _now("Take the file to print from (%(form)s)") % {"form": form.upper()}
    return Link(words, reverse("label-file", args=[job.pk, form]))


def _facts(view: View) -> Sequence[Fact]:
    j: LabelJob = view.record
    again = [Fact(_("Printed again of"), job_link(j.reprint_of))] if j.reprint_of else []
    why = [Fact(_("Why printed again"), j.reason)] if j.reprint_of else []
    return [
        Fact(_("Lot or unit"), lot_link(j.lot)),
        Fact(_("Item"), Link(j.lot.item.code, f"/items/{j.lot.item_id}/", mono=True)),
        Fact(_("Template"), template_link(j.template)),
        Fact("UDI-DI", Link(j.identifier.di, mono=True)),
        Fact(pgettext_lazy("count of labels", "Labels"), Number(str(j.quantity))),
        Fact(_("Number range"), range_of(j)),
        *again,
        *why,
        Fact(_("Output"), j.get_output_display()),
        Fact(_("Printer"), j.printer or None),
        Fact(_("Printed by"), str(j.printed_by)),
        Fact(_("Printed"), Moment(j.printed_at)),
        Fact(_("Read back"), Moment(j.verified_at) if j.verified_at else "–"),
        *_file_facts("ZPL", j.zpl_size, j.zpl_sha256),
        *_file_facts("PDF", j.pdf_size, j.pdf_sha256),
        Fact(_("Site"), j.site.code),
    ]


def _file_facts(form: str, size: int, sha256: str) -> list[Fact]:
    if not sha256:
        return []
    return [
        Fact(_now("Size of the %(form)s") % {"form": form}, filesizeformat(size)),
        Fact(_now("SHA-256 of the %(form)s") % {"form": form}, Link(sha256, mono=True)),
    ]


def _making(view: View) -> Section:
    return Section("print", _("Print"), template="evidence/_file.html", context=job_of(view.record))


def _refusals(view: View) -> Section | None:
    faults = view.record.faults
    if not faults:
        return None
    columns = (
        Column("row", _("Row"), "number"),
        Column("label", _("Label of"), "mono"),
        Column("reason", _("What is wrong")),
    )
    rows = [Row([Number(str(f["row"])), Link(f["of"], mono=True), f["reason"]]) for f in faults]
    shown = rows if view.full else rows[:PAGE_SECTION_ROWS]
    return Section("wrong", _("Not accepted"), table=Table(columns, shown), count=len(rows))


def _specimen(view: View) -> Section | None:
    job: LabelJob = view.record
    first = queries.lines_of(job).first()
    if first is None or job.state == JobState.REFUSED:
        return None
    preview = Preview(
        reverse("label-specimen", args=[job.pk, first.row]),
        plain(job.template.width_mm),
        plain(job.template.height_mm),
        _("First label of the job: %(udi)s") % {"udi": first.plain},
    )
    return Section("specimen", _("Specimen"), template="labels/_preview.html", context=preview)


def _reconciliation(view: View) -> Section | None:
    job: LabelJob = view.record
    tally = queries.tally(job)
    if not tally.printed:
        return None
    note = _now("At most %(allowed)s of %(printed)s may stay unaccounted for.") % {
        "allowed": allowed_missing(job),
        "printed": tally.printed,
    }
    if view.full:
        facts = [Fact(words, Number(str(count))) for words, count, _tone in _fates(tally)]
        return Section("reconciliation", _("Reconciliation"), facts=facts, note=note)
    return Section(
        "reconciliation",
        _("Reconciliation"),
        template="labels/_bar.html",
        context=bar_of(tally),
        note=note,
    )


def _counts(view: View) -> Section | None:
    counts = view.record.counts.select_related("counted_by").order_by("-pk")
    rows = [
        Row(
            [
                c.get_fate_display(),
                Number(str(c.quantity)),
                c.reason or "–",
                str(c.counted_by),
                Moment(c.counted_at),
            ]
        )
        for c in view.first(counts)
    ]
    if not rows:
        return None
    columns = (
        Column("fate", _("What became of them")),
        Column("quantity", pgettext_lazy("count of labels", "Labels"), "number"),
        Column("why", _("Why")),
        Column("who", _("Counted by")),
        Column("at", _("Counted"), "moment"),
    )
    return Section("counts", _("Counts"), table=Table(columns, rows), count=counts.count())


def _examination(view: View) -> Section | None:
    found = LabelExamination.objects.filter(job=view.record).select_related("examined_by").first()
    if found is None:
        return None
    words, verdicts = dict(CHECKS), dict(VERDICTS)
    tones = {CONFORMS: "good", DIFFERS: "bad"}
    rows = [
        Row(
            [
                Pill(verdicts[c["verdict"]], tones.get(c["verdict"], "draft")),
                words[c["check"]],
                str(found.examined_by),
                Moment(found.examined_at),
            ]
        )
        for c in found.checks
    ]
    columns = (
        Column("verdict", _("Result"), "state"),
        Column("check", _("Examined")),
        Column("who", _("By")),
        Column("at", _("When"), "moment"),
    )
    note = _now("21 CFR 820.45: %(count)s labels examined; a scanner read “%(scanned)s”.") % {
        "count": found.examined,
        "scanned": visible(found.scanned) or "–",
    }
    table = Table(columns, rows)
    return Section("examination", _("Examination"), table=table, note=note)


def _labels(view: View) -> Section:
    lines = queries.lines_of(view.record)
    count = lines.count()
    rows = [_line(line) for line in view.first(lines)]
    columns = (
        Column("row", _("Row"), "number"),
        Column("unit", _("Lot or unit"), "mono"),
        Column("udi", _("UDI in plain text"), "mono"),
        Column("copies", _("Copies"), "number"),
        Column("picture", _("Picture")),
    )
    title = pgettext_lazy("things that are stuck on", "Labels")
    return Section("labels", title, table=Table(columns, rows), count=count)


def _line(line: LabelLine) -> Row:
    picture = Link(_now("Show"), reverse("label-specimen", args=[line.job_id, line.row]))
    return Row(
        [
            Number(str(line.row)),
            lot_link(line.lot),
            Link(line.plain, mono=True),
            Number(str(line.copies)),
            picture,
        ]
    )


def _reprints(view: View) -> Section | None:
    again = LabelJob.objects.visible_to(view.actor).filter(reprint_of=view.record)
    rows = [
        Row(
            [job_pill(j), job_link(j), Number(str(j.quantity)), j.reason, str(j.printed_by)],
            f"/label-jobs/{j.pk}/",
        )
        for j in view.first(again.select_related("printed_by").order_by("pk"))
    ]
    if not rows:
        return None
    columns = (
        Column("state", _("State"), "state"),
        Column("number", _("Number"), "mono"),
        Column("quantity", pgettext_lazy("count of labels", "Labels"), "number"),
        Column("why", _("Why")),
        Column("who", _("Printed by")),
    )
    table = Table(columns, rows)
    return Section("reprints", _("Printed again"), table=table, count=again.count())


def _api(j: LabelJob) -> Mapping[str, Any]:
    tally = queries.tally(j)
    ready = j.state in PRINTABLE
    files = {"pdf": j.pdf_sha256, "zpl": j.zpl_sha256}
    return {
        "number": j.number,
        "state": j.state,
        "percent": progress.read(j.pk).percent if j.state == JobState.QUEUED else 100,
        "lot_id": j.lot_id,
        "lot": j.lot.number,
        "template": str(j.template),
        "udi_di": j.identifier.di,
        "quantity": j.quantity,
        "first": j.first,
        "last": j.last,
        "output": j.output,
        "printer": j.printer,
        "reprint_of": j.reprint_of.number if j.reprint_of else None,
        "reason": j.reason or None,
        "printed_by": j.printed_by.username,
        "printed_at": j.printed_at.isoformat(),
        "verified_at": j.verified_at.isoformat() if j.verified_at else None,
        "used": tally.used,
        "destroyed": tally.destroyed,
        "retained": tally.retained,
        "returned": tally.returned,
        "not_accounted_for": tally.left,
        "faults": j.faults,
        "sha256": {form: sha256 for form, sha256 in files.items() if sha256},
        "files": [
            reverse("api-label-file", args=[j.pk, form])
            for form, sha256 in files.items()
            if sha256 and ready
        ],
    }


def _left(job: LabelJob) -> Any:
    tally = queries.tally(job)
    return Number(str(tally.left)) if tally.printed else "–"


JOBS = register(
    RecordKind(
        model="traceability.LabelJob",
        noun="label-jobs",
        nav="production",
        icon="printer",
        label=_("print job"),
        plural=_("Label print jobs"),
        rows=queries.jobs,
        columns=[
            ColumnSpec("state", _("State"), job_pill, "state", "state"),
            ColumnSpec("number", _("Number"), job_link, "mono", "number"),
            ColumnSpec("lot", _("Lot or unit"), lambda j: lot_link(j.lot), "mono"),
            ColumnSpec("item", _("Item"), lambda j: j.lot.item.name),
            ColumnSpec("template", _("Template"), lambda j: template_link(j.template), "mono"),
            ColumnSpec("range", _("Number range"), range_of, "mono"),
            ColumnSpec(
                "quantity",
                pgettext_lazy("count of labels", "Labels"),
                lambda j: Number(str(j.quantity)),
                "number",
                "quantity",
            ),
            ColumnSpec("left", _("Not accounted for"), _left, "number"),
            ColumnSpec("by", _("Printed by"), lambda j: str(j.printed_by)),
            ColumnSpec("at", _("Printed"), lambda j: Moment(j.printed_at), "moment", "printed_at"),
        ],
        api=_api,
        number=lambda j: j.number,
        title=lambda j: j.lot.item.name,
        state=job_pill,
        facts=_facts,
        sections=(
            _making,
            _refusals,
            _reconciliation,
            _specimen,
            _examination,
            _counts,
            _labels,
            _reprints,
        ),
        search=("number", "lot__number", "template__code", "first", "last"),
        filters=(
            FilterSpec("state", _("State"), lambda a: JOB.choices(), "state"),
            FilterSpec("site", _("Site"), site_choices, "site_id"),
        ),
        scan=("number",),
        order="-pk",
        empty=_("No labels were printed yet. Open a lot and print labels for its units."),
        evidence=True,
    )
)
