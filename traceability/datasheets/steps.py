"""Writes of data sheets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from erp.core.context import Context
from traceability.datasheets.content import Content
from traceability.datasheets.errors import SheetExists
from traceability.datasheets.models import DataSheet
from traceability.datasheets.states import DATA_SHEET, DataSheetState
from traceability.identifiers.models import DeviceIdentifier
from traceability.identifiers.steps import day_of


def start(
    ctx: Context,
    identifier: DeviceIdentifier,
    registry: str,
    *,
    version: int = 1,
    answers: Mapping[str, Any] | None = None,
) -> DataSheet:
    """Begin a sheet; an identifier has one in force per registry, and of two at once one wins."""
    sheet = DataSheet(
        identifier=identifier,
        registry=registry,
        version=version,
        answers=dict(answers or {}),
        drafted_by_id=ctx.actor.user_id,
    )
    try:
        with transaction.atomic():
            sheet.save(force_insert=True)
    except IntegrityError as error:
        if not DataSheet.objects.filter(identifier=identifier, registry=registry).exists():
            raise
        raise SheetExists(di=identifier.di, registry=registry) from error
    return sheet


def next_version(identifier: DeviceIdentifier, registry: str) -> int:
    """Return the number of the next version; superseded ones keep theirs."""
    return DataSheet.objects.filter(identifier=identifier, registry=registry).count() + 1


def answer(ctx: Context, sheet: DataSheet, answers: Mapping[str, Any]) -> None:
    """Write all answers of a locked draft; who writes them has drafted it."""
    sheet.state = DATA_SHEET.next(DataSheetState(sheet.state), "answer")
    sheet.answers = dict(answers)
    sheet.drafted_by_id = ctx.actor.user_id
    sheet.save(update_fields=["state", "answers", "drafted_by"])


def declare_ready(sheet: DataSheet) -> None:
    """Keep what a locked draft says today: this is what is signed and sent."""
    content = dict(Content(sheet).values)
    sheet.state = DATA_SHEET.next(DataSheetState(sheet.state), "declare ready")
    sheet.content = content
    sheet.save(update_fields=["state", "content"])


def record_submission(
    ctx: Context, sheet: DataSheet, submitted_on: dt.date | None, reference: str
) -> None:
    """Write when a locked sheet was sent, and the registry's answer."""
    sheet.state = DATA_SHEET.next(DataSheetState(sheet.state), "record submission")
    sheet.submitted_on = day_of(ctx, submitted_on)
    sheet.reference = reference
    sheet.save(update_fields=["state", "submitted_on", "reference"])


def supersede(sheet: DataSheet) -> None:
    """End a locked sheet: a further version takes its place."""
    sheet.state = DATA_SHEET.next(DataSheetState(sheet.state), "revise")
    sheet.save(update_fields=["state"])
