"""What is done about evidence: checking it, assigning what is missing, mending it by new events.

Nothing is ever edited. A repair is a further event with the time when it really happened and the
record time of now, signed, resting on a document, and named by the finding it mends.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.meanings import Meaning
from erp.accounts.models import User
from erp.accounts.queries import actor_for
from erp.core import clock, numbering, outbox
from erp.core.context import Context
from erp.core.errors import FieldFault, InvalidInput
from erp.operations import Reason, operation
from traceability.completeness import inputs, queries, repairs, steps
from traceability.completeness.locking import lock_finding, lock_run
from traceability.completeness.models import CheckRun, Finding, Repair
from traceability.completeness.states import CHECK_RUN, FINDING, FindingState, RunState
from traceability.ids import IdSet
from traceability.locking import lock_lot, lock_lots
from traceability.models import Lot
from traceability.steps import observe, record

TOPIC = "evidence.check"


def _anywhere(_subject: Any, _values: Any) -> int | None:
    return None


@operation(
    "traceability.check_evidence",
    title=_("Check evidence"),
    sentence=_("Lots are searched for missing evidence, in the background."),
    noun="evidence-checks",
    verb="request",
    creates="traceability.CheckRun",
    input=inputs.CheckEvidence,
    site_of=_anywhere,
    machine=True,
)
def check_evidence(ctx: Context, *, full: bool = True) -> CheckRun:
    """Queue a check; a worker carries it out."""
    run = CheckRun.objects.create(
        number=numbering.take_one("EC"),
        full=full,
        requested_by_id=ctx.actor.user_id,
        requested_at=ctx.at or clock.now(),
    )
    outbox.put(ctx, TOPIC, run.number, {"run": run.pk})
    return run


@operation(
    "traceability.carry_out_check",
    title=_("Carry out evidence check"),
    sentence=_("Findings are opened and closed, and the score is kept."),
    noun="evidence-checks",
    verb="carry-out",
    subject="traceability.CheckRun",
    subject_arg="run_id",
    site_of=_anywhere,
    states=CHECK_RUN,
    step="finish",
    machine=True,
    hidden=True,
)
def carry_out_check(ctx: Context, *, run_id: int) -> CheckRun:
    """Carry out a queued check, all of it or nothing."""
    run = lock_run(ctx, run_id)
    CHECK_RUN.next(RunState(run.state), "finish")
    return steps.run_all(ctx, run)


@operation(
    "traceability.fail_check",
    title=_("Give up evidence check"),
    sentence=_("The check did not come to its end; it says why."),
    noun="evidence-checks",
    verb="fail",
    subject="traceability.CheckRun",
    subject_arg="run_id",
    input=inputs.FailCheck,
    site_of=_anywhere,
    states=CHECK_RUN,
    step="fail",
    machine=True,
    hidden=True,
)
def fail_check(ctx: Context, *, run_id: int, error: str) -> CheckRun:
    """Mark a check failed."""
    run = lock_run(ctx, run_id)
    steps.end_run(ctx, run, "fail", error)
    return run


@operation(
    "traceability.check_lot",
    title=_("Check evidence"),
    sentence=_("This lot, its units and the lot it belongs to are searched for missing evidence."),
    noun="lots",
    verb="check-evidence",
    subject="traceability.Lot",
    subject_arg="lot_id",
    reason=Reason.NONE,
    machine=True,
)
def check_lot(ctx: Context, *, lot_id: int) -> Lot:
    """Check one lot at once."""
    lot = lock_lot(ctx, lot_id)
    family = IdSet(sorted(queries.with_family([lot.pk])))
    steps.check_lots(ctx, family, steps.Changes())
    return lot


@operation(
    "traceability.assign_finding",
    title=_("Assign"),
    sentence=_("This person sees to it that the evidence is found or its absence explained."),
    noun="evidence-findings",
    verb="assign",
    subject="traceability.Finding",
    subject_arg="finding_id",
    input=inputs.AssignFinding,
    states=FINDING,
    step="assign",
)
def assign_finding(ctx: Context, *, finding_id: int, owner_id: int) -> Finding:
    """Give an open finding to somebody who may see its lot."""
    finding = lock_finding(ctx, finding_id)
    owner = actor_for(User.objects.get(pk=owner_id))
    if not Finding.objects.visible_to(owner).filter(pk=finding.pk).exists():
        fault = FieldFault("owner_id", str(_("This person does not see the lot.")))
        raise InvalidInput(faults=[fault])
    steps.assign(finding, owner_id)
    return finding


def _bars(finding: Finding) -> list[tuple[int, str, Any]]:
    """Whoever recorded what is doubtful does not judge it."""
    return [(u.pk, str(u), _("record this lot")) for u in queries.recorders_of(finding)]


@operation(
    "traceability.record_missing_origin",
    title=_("Record missing origin"),
    sentence=_(
        "A further event says how this lot came into being, with the time when it really happened."
        " A trace as known before today still shows the gap."
    ),
    noun="evidence-findings",
    verb="record-origin",
    subject="traceability.Finding",
    subject_arg="finding_id",
    input=inputs.RecordMissingOrigin,
    states=FINDING,
    step="repair",
    signed_as=Meaning.PERFORMED,
    signs=lambda finding: repairs.content(finding, Repair.Kind.ORIGIN),
    blockers=lambda f, a: repairs.blockers(f, Repair.Kind.ORIGIN),
)
def record_missing_origin(
    ctx: Context,
    *,
    finding_id: int,
    how: str,
    happened_at: dt.datetime,
    quantity: Decimal,
    known_from: str,
) -> Finding:
    """Record the receipt or the making that is missing."""
    lot_id = Finding.objects.values_list("lot_id", flat=True).get(pk=finding_id)
    lot = lock_lot(ctx, lot_id)
    finding = lock_finding(ctx, finding_id)
    FINDING.next(FindingState(finding.state), "repair")
    repairs.refuse(finding, Repair.Kind.ORIGIN)
    repairs.refuse_future(happened_at)
    repairs.refuse_after_use(lot, happened_at)
    event = record(ctx, repairs.origin(finding, lot, how, happened_at, quantity, known_from))
    steps.record_repair(ctx, finding, Repair.Kind.ORIGIN, event, known_from)
    steps.look_again(ctx, finding, [lot.pk])
    return finding


@operation(
    "traceability.record_missing_material",
    title=_("Record missing material"),
    sentence=_(
        "A further event says what went into this lot. Stock is not changed: what still lies in"
        " the books of the material shows as a gap there."
    ),
    noun="evidence-findings",
    verb="record-material",
    subject="traceability.Finding",
    subject_arg="finding_id",
    input=inputs.RecordMissingMaterial,
    states=FINDING,
    step="repair",
    signed_as=Meaning.PERFORMED,
    signs=lambda finding: repairs.content(finding, Repair.Kind.MATERIAL),
    other_than=_bars,
    blockers=lambda f, a: repairs.blockers(f, Repair.Kind.MATERIAL),
)
def record_missing_material(
    ctx: Context,
    *,
    finding_id: int,
    lines: Sequence[Mapping[str, Any]],
    known_from: str,
    happened_at: dt.datetime | None = None,
) -> Finding:
    """Record the consumption that is missing, all of it at once."""
    used = repairs.quantities(lines)
    lot_id = Finding.objects.values_list("lot_id", flat=True).get(pk=finding_id)
    lots = lock_lots(ctx, {lot_id, *used})
    finding = lock_finding(ctx, finding_id)
    FINDING.next(FindingState(finding.state), "repair")
    repairs.refuse(finding, Repair.Kind.MATERIAL)
    lot = lots[lot_id]
    happening = repairs.consumption(finding, lot, lots, used, happened_at, known_from)
    event = record(ctx, happening)
    steps.record_repair(ctx, finding, Repair.Kind.MATERIAL, event, known_from)
    steps.look_again(ctx, finding, lots)
    return finding


@operation(
    "traceability.explain_finding",
    title=_("Explain"),
    sentence=_(
        "The evidence cannot be had. The reason and the document it rests on stand in its place,"
        " under your signature; the finding stays readable for ever."
    ),
    noun="evidence-findings",
    verb="explain",
    subject="traceability.Finding",
    subject_arg="finding_id",
    states=FINDING,
    step="explain",
    signed_as=Meaning.APPROVED,
    signs=lambda finding: repairs.content(finding, Repair.Kind.EXPLANATION),
    other_than=_bars,
    reason=Reason.REQUIRED,
    blockers=lambda f, a: repairs.document_blockers(f),
)
def explain_finding(ctx: Context, *, finding_id: int) -> Finding:
    """Accept that evidence is missing, for a stated reason; not by who recorded the original."""
    lot_id = Finding.objects.values_list("lot_id", flat=True).get(pk=finding_id)
    lot = lock_lot(ctx, lot_id)
    finding = lock_finding(ctx, finding_id)
    FINDING.next(FindingState(finding.state), "explain")
    repairs.refuse(finding, Repair.Kind.EXPLANATION)
    note = f"{finding.number}: {ctx.reason}"
    event = record(ctx, observe("accepting", lot.site_id, {lot.pk: None}, note=note))
    steps.record_repair(ctx, finding, Repair.Kind.EXPLANATION, event, ctx.reason)
    steps.explain(ctx, finding, event.event_time)
    return finding
