"""Printing: labels are made in the background, read back, and only then accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core import outbox
from erp.core.actor import Actor
from erp.core.context import Context
from erp.core.errors import Blocker, FieldFault, InvalidInput
from erp.operations import Reason, operation
from traceability.gates import ref
from traceability.identifiers.errors import NotWritable
from traceability.identifiers.models import DeviceIdentifier
from traceability.labels import drawing, queries, steps
from traceability.labels.content import Said, by_number, common, plan_of, said_of
from traceability.labels.errors import (
    AlreadyPrinted,
    FileNotReady,
    LabelsCannotBeMade,
    NothingToPrint,
    TemplateNotApproved,
    TemplateNotForLot,
    TooManyAtOnce,
)
from traceability.labels.gates import PRINT
from traceability.labels.inputs import (
    MOST_LABELS,
    PrintLabels,
    RefuseLabels,
    ReprintLabels,
    StoreLabels,
)
from traceability.labels.layout import FIELDS
from traceability.labels.locking import lock_job
from traceability.labels.models import LabelJob, LabelTemplate
from traceability.labels.states import JOB, TEMPLATE, JobState, TemplateState
from traceability.locking import lock_lots
from traceability.models import Lot

TOPIC = "labels.make"
NAMED = 20
"""How many numbers a refusal names; it says how many there are."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be printed, how, and for what reason again."""

    template: LabelTemplate
    lot: Lot
    output: str
    printer: str
    reprint_of: LabelJob | None = None
    reason: str = ""


def _known_beforehand(lot: Lot, _actor: Actor) -> Sequence[Blocker]:
    if queries.templates_for(lot).exists():
        return []
    sentence = _now("No label template is approved for %(item)s.") % {"item": lot.item.code}
    return [Blocker("labels.no_template", sentence)]


@operation(
    "traceability.print_labels",
    title=_("Print labels"),
    sentence=_("Every label is made, read back and compared before the job counts as printed."),
    noun="lots",
    verb="print-labels",
    subject="traceability.Lot",
    subject_arg="lot_id",
    creates="traceability.LabelJob",
    input=PrintLabels,
    gate=PRINT,
    gate_ids=lambda lot: [lot.pk],
    blockers=_known_beforehand,
    machine=True,
)
def print_labels(
    ctx: Context,
    /,
    *,
    lot_id: int,
    template_id: int,
    output: str = LabelJob.Output.PDF,
    printer: str = "",
    **which: Any,
) -> LabelJob:
    """Print labels of a lot's units, or of the lot; a second label of anything is a reprint."""
    asked = Lot.objects.get(pk=lot_id)
    lock_lots(ctx, queries.family(asked))
    lot = _with_names(asked.batch_id or asked.pk)
    template = _approved(template_id)
    _refuse_misfit(template, asked)
    gates.ask(ctx, PRINT, {lot.pk, lot_id})
    chosen = _chosen(template, lot, lot_id, which)
    _refuse_second(template, [unit for unit, _copies in chosen])
    return _print(ctx, Wish(template, lot, output, printer), chosen)


def _never_printed(job: LabelJob, _actor: Actor) -> Sequence[Blocker]:
    if job.verified_at:
        return []
    refusal = FileNotReady(job=job.number, state=JOB.labels[JobState(job.state)])
    return [Blocker(refusal.code, refusal.detail)]


@operation(
    "traceability.reprint_labels",
    title=_("Print again"),
    sentence=_("Labels of this job are printed once more; the reason and the first job are kept."),
    noun="label-jobs",
    verb="reprint",
    subject="traceability.LabelJob",
    subject_arg="job_id",
    creates="traceability.LabelJob",
    input=ReprintLabels,
    gate=PRINT,
    gate_ids=lambda job: [job.lot_id],
    blockers=_never_printed,
    reason=Reason.REQUIRED,
)
def reprint_labels(
    ctx: Context,
    *,
    job_id: int,
    output: str = LabelJob.Output.PDF,
    printer: str = "",
    serials: Sequence[str] = (),
    quantity: int | None = None,
) -> LabelJob:
    """Print labels of a job again, from the same version of the template, with a reason."""
    lot_id = LabelJob.objects.values_list("lot_id", flat=True).get(pk=job_id)
    lock_lots(ctx, [lot_id])
    job = lock_job(ctx, job_id)
    if not job.verified_at:
        raise FileNotReady(job=job.number, state=JOB.labels[JobState(job.state)])
    template = _approved(job.template_id)
    gates.ask(ctx, PRINT, [lot_id])
    wish = Wish(template, _with_names(lot_id), output, printer, job, ctx.reason.strip())
    return _print(ctx, wish, _again(job, serials, quantity))


@operation(
    "traceability.store_labels",
    title=_("Store labels"),
    sentence=_("Every label of the job was read back; its files are kept by their hash."),
    noun="label-jobs",
    verb="store",
    subject="traceability.LabelJob",
    subject_arg="job_id",
    input=StoreLabels,
    states=JOB,
    step="store",
    machine=True,
    hidden=True,
)
def store_labels(ctx: Context, /, *, job_id: int, **files: Any) -> LabelJob:
    """Accept a job whose labels all say what they should."""
    return steps.store_labels(ctx, lock_job(ctx, job_id), files)


@operation(
    "traceability.refuse_labels",
    title=_("Refuse labels"),
    sentence=_("Labels did not read as intended; nothing of the job is printed."),
    noun="label-jobs",
    verb="refuse",
    subject="traceability.LabelJob",
    subject_arg="job_id",
    input=RefuseLabels,
    states=JOB,
    step="refuse",
    machine=True,
    hidden=True,
)
def refuse_labels(ctx: Context, *, job_id: int, faults: Sequence[Mapping[str, Any]]) -> LabelJob:
    """Refuse a job; it says which rows did not read."""
    return steps.refuse_labels(lock_job(ctx, job_id), faults)


def _with_names(lot_id: int) -> Lot:
    return Lot.objects.select_related("item", "revision", "batch", "site__company").get(pk=lot_id)


def _approved(template_id: int) -> LabelTemplate:
    template = LabelTemplate.objects.select_related("item").get(pk=template_id)
    state = TemplateState(template.state)
    if state != TemplateState.APPROVED:
        raise TemplateNotApproved(template=str(template), state=TEMPLATE.labels[state])
    return template


def _refuse_misfit(template: LabelTemplate, lot: Lot) -> None:
    if not queries.templates_for(lot).filter(pk=template.pk).exists():
        raise TemplateNotForLot(template=str(template), lot=lot.number)


def _chosen(
    template: LabelTemplate, lot: Lot, asked_id: int, which: Mapping[str, Any]
) -> list[tuple[Lot, int]]:
    """Return the units of the range, or the lot with the number of labels asked for."""
    if template.label_for == LabelTemplate.For.LOT:
        if not which.get("quantity"):
            raise InvalidInput(faults=[FieldFault("quantity", _now("Say how many."))])
        return [(lot, int(which["quantity"]))]
    if asked_id != lot.pk or lot.kind == Lot.Kind.SERIAL:
        return [(_with_names(asked_id), 1)]
    units = Lot.objects.filter(batch=lot).select_related("batch", "item")
    ordered = sorted(units, key=by_number)
    if not ordered:
        raise NothingToPrint
    return [(unit, 1) for unit in _range(ordered, which.get("first"), which.get("last"))]


def _range(units: Sequence[Lot], first: str | None, last: str | None) -> Sequence[Lot]:
    places = {unit.number: n for n, unit in enumerate(units)}
    faults = [
        FieldFault(name, _now("The lot has no unit %(number)s.") % {"number": number})
        for name, number in (("first", first), ("last", last))
        if number and number not in places
    ]
    if faults:
        raise InvalidInput(faults=faults)
    start = places[first] if first else 0
    end = places[last] if last else len(units) - 1
    if end < start:
        reason = _now("The last number comes before the first.")
        raise InvalidInput(faults=[FieldFault("last", reason)])
    return units[start : end + 1]


def _again(job: LabelJob, serials: Sequence[str], quantity: int | None) -> list[tuple[Lot, int]]:
    lines = list(queries.lines_of(job).select_related("lot__batch", "lot__item"))
    if job.template.label_for == LabelTemplate.For.LOT:
        return [(line.lot, quantity or line.copies) for line in lines]
    known = {line.lot.number: line.lot for line in lines}
    strangers = [number for number in serials if number not in known]
    if strangers:
        reason = _now("This job has no label of: %(numbers)s.")
        fault = FieldFault("serials", reason % {"numbers": ", ".join(strangers[:NAMED])})
        raise InvalidInput(faults=[fault])
    wanted = list(dict.fromkeys(serials)) or list(known)
    return [(known[number], 1) for number in wanted]


def _refuse_second(template: LabelTemplate, lots: Sequence[Lot]) -> None:
    before = queries.printed_before(template, lots)
    if before:
        numbers = sorted(line.lot.number for line in before.values())
        named = ", ".join(numbers[:NAMED])
        more = f" … ({len(numbers)})" if len(numbers) > NAMED else ""
        first = next(iter(before.values()))
        raise AlreadyPrinted(numbers=named + more, job=first.job.number)


def _print(ctx: Context, wish: Wish, chosen: Sequence[tuple[Lot, int]]) -> LabelJob:
    """Write the job with what every label must say, and have it made after the commit."""
    quantity = sum(copies for _lot, copies in chosen)
    if quantity > MOST_LABELS:
        raise TooManyAtOnce(quantity=quantity, most=MOST_LABELS)
    identifier = queries.identifier_for(wish.template, wish.lot)
    shown = common(wish.template, identifier, wish.lot)
    labels = _said(wish.template, identifier, chosen, shown)
    job = LabelJob(
        lot=wish.lot,
        site_id=wish.lot.site_id,
        template=wish.template,
        identifier=identifier,
        quantity=quantity,
        first=chosen[0][0].number,
        last=chosen[-1][0].number,
        output=wish.output,
        printer=wish.printer,
        shown=shown,
        reprint_of=wish.reprint_of,
        reason=wish.reason,
    )
    steps.create_job(ctx, job, labels)
    outbox.put(ctx, TOPIC, job.number, {"job": job.pk})
    return job


def _said(
    template: LabelTemplate,
    identifier: DeviceIdentifier,
    chosen: Sequence[tuple[Lot, int]],
    shown: Mapping[str, str],
) -> list[tuple[Lot, int, Said]]:
    """Return what every label says; refuse all that cannot be made, each by name."""
    plan = plan_of(template)
    labels: list[tuple[Lot, int, Said]] = []
    blockers: list[Blocker] = []
    for lot, copies in chosen:
        try:
            said = said_of(template, identifier, lot)
            drawing.check_texts(plan, {**shown, **said.shown})
        except NotWritable as refusal:
            blockers.append(Blocker(refusal.code, f"{lot.number}: {refusal.detail}", ref(lot)))
        except drawing.DoesNotFit as misfit:
            sentence = f"{lot.number}: {too_long(misfit)}"
            blockers.append(Blocker("labels.does_not_fit", sentence, ref(lot)))
        else:
            labels.append((lot, copies, said))
    if blockers:
        raise LabelsCannotBeMade(blockers=blockers)
    return labels


def too_long(misfit: drawing.DoesNotFit) -> str:
    """Say that something has no room on the label."""
    name = FIELDS.get(misfit.element.content, misfit.element.kind)
    return _now("“%(text)s” (%(what)s) has no room in its place of %(w)s × %(h)s mm.") % {
        "text": misfit.text,
        "what": name,
        "w": misfit.element.w,
        "h": misfit.element.h,
    }
