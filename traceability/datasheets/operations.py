"""Changes of data sheets: begin, answer, declare ready, record the submission, revise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.meanings import Meaning
from erp.core.context import Context
from erp.core.errors import Blocked, Text
from erp.operations import Operation, operation
from erp.operations.declaration import EarlierStep
from traceability.datasheets import inputs, locking, steps
from traceability.datasheets.content import ready_blockers, sheet_blockers
from traceability.datasheets.errors import WrongRegistry
from traceability.datasheets.models import DataSheet, Registry
from traceability.datasheets.states import DATA_SHEET
from traceability.identifiers.locking import lock_family


def _author(sheet: DataSheet) -> Sequence[EarlierStep]:
    if sheet.drafted_by is None:
        return []
    return [(sheet.drafted_by.pk, str(sheet.drafted_by), _("answer the data sheet"))]


def sheet_content(sheet: DataSheet) -> dict[str, Any]:
    """Return what the declaration signs: every value as it stood that day."""
    return {
        "identifier": sheet.identifier.di,
        "issuer": sheet.identifier.issuer,
        "registry": sheet.registry,
        "version": sheet.version,
        "content": sheet.content,
    }


@operation(
    "traceability.start_data_sheet",
    title=_("Begin data sheet"),
    sentence=_("A data sheet is begun. What the records know is filled in by itself."),
    noun="device-identifiers",
    verb="start-data-sheet",
    subject="traceability.DeviceIdentifier",
    subject_arg="identifier_id",
    creates="traceability.DataSheet",
    input=inputs.StartDataSheet,
    blockers=sheet_blockers,
)
def start_data_sheet(ctx: Context, *, identifier_id: int, registry: str) -> DataSheet:
    """Begin the sheet of an identifier for one registry."""
    identifier, _family = lock_family(ctx, identifier_id)
    blockers = sheet_blockers(identifier)
    if blockers:
        raise Blocked(blockers=blockers)
    return steps.start(ctx, identifier, registry)


def _answers_of(registry: Registry, title: Text) -> Operation[Any, Any]:
    """Declare the questions of one registry as an operation of their own."""
    name = f"answer_{registry.value.lower()}"

    def answer(ctx: Context, *, sheet_id: int, **answers: Any) -> DataSheet:
        """Write all answers of a draft anew; what is left out is not answered."""
        sheet = locking.lock_sheet(ctx, sheet_id)
        if sheet.registry != registry:
            raise WrongRegistry(registry=sheet.registry)
        steps.answer(ctx, sheet, inputs.answers_of(answers))
        return sheet

    answer.__name__ = name
    declare: Callable[[Any], Operation[Any, Any]] = operation(
        f"traceability.{name}",
        title=title,
        sentence=_("These are all answers of the sheet; what is left empty is not answered."),
        noun="data-sheets",
        verb=name.replace("_", "-"),
        subject="traceability.DataSheet",
        subject_arg="sheet_id",
        input=inputs.questions(registry),
        states=DATA_SHEET,
        step="answer",
        applies=lambda sheet: sheet.registry == registry,
        machine=True,
    )
    return declare(answer)


answer_gudid = _answers_of(Registry.GUDID, _("Answer for GUDID"))
answer_eudamed = _answers_of(Registry.EUDAMED, _("Answer for EUDAMED"))
answer_nmpa = _answers_of(Registry.NMPA, _("Answer for NMPA"))


@operation(
    "traceability.declare_data_sheet_ready",
    title=_("Declare ready"),
    sentence=_("The sheet is complete and right, and is kept as it is now. It can be submitted."),
    noun="data-sheets",
    verb="declare-ready",
    subject="traceability.DataSheet",
    subject_arg="sheet_id",
    states=DATA_SHEET,
    step="declare ready",
    signed_as=Meaning.APPROVED,
    signs=sheet_content,
    other_than=_author,
    blockers=ready_blockers,
    primary=True,
)
def declare_data_sheet_ready(ctx: Context, *, sheet_id: int) -> DataSheet:
    """Declare a complete sheet ready, with signature, by another person than its author."""
    sheet = locking.lock_sheet(ctx, sheet_id)
    DATA_SHEET.next(sheet.state, "declare ready")  # type: ignore[arg-type]
    blockers = ready_blockers(sheet)
    if blockers:
        raise Blocked(blockers=blockers)
    steps.declare_ready(sheet)
    return sheet


@operation(
    "traceability.record_data_sheet_submission",
    title=_("Record submission"),
    sentence=_("It is kept when the sheet was sent, and what the registry answered."),
    noun="data-sheets",
    verb="record-submission",
    subject="traceability.DataSheet",
    subject_arg="sheet_id",
    input=inputs.RecordSubmission,
    states=DATA_SHEET,
    step="record submission",
    primary=True,
)
def record_data_sheet_submission(
    ctx: Context, *, sheet_id: int, submitted_on: dt.date | None = None, reference: str = ""
) -> DataSheet:
    """Record that a ready sheet was sent."""
    sheet = locking.lock_sheet(ctx, sheet_id)
    steps.record_submission(ctx, sheet, submitted_on, reference)
    return sheet


@operation(
    "traceability.revise_data_sheet",
    title=_("Revise"),
    sentence=_("A further version is begun with the same answers. This one stays as it was sent."),
    noun="data-sheets",
    verb="revise",
    subject="traceability.DataSheet",
    subject_arg="sheet_id",
    creates="traceability.DataSheet",
    states=DATA_SHEET,
    step="revise",
)
def revise_data_sheet(ctx: Context, *, sheet_id: int) -> DataSheet:
    """Begin the next version of a sheet; nothing that was declared ready is edited."""
    sheet = locking.lock_sheet(ctx, sheet_id)
    steps.supersede(sheet)
    return steps.start(
        ctx,
        sheet.identifier,
        sheet.registry,
        version=steps.next_version(sheet.identifier, sheet.registry),
        answers=sheet.answers,
    )
