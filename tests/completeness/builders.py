"""Runs checks, and plants broken evidence as only the owner of the database could."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from erp.accounts.models import User
from erp.operations import REGISTRY
from tests.conftest import ctx_for, make_person
from traceability.completeness.delivery import SERVICE
from traceability.completeness.models import CheckRun, Finding
from traceability.completeness.operations import carry_out_check, check_evidence
from traceability.models import Lot


def check(user: User, *, full: bool = True) -> CheckRun:
    """Ask for a check and carry it out."""
    run = check_evidence(ctx_for(user), full=full)
    return carry_out_check(ctx_for(user), run_id=run.pk)


def open_on(*lots: Lot) -> set[str]:
    """Return the codes of the open findings on these lots."""
    rows = Finding.objects.open().filter(lot__in=lots)
    return set(rows.values_list("check_code", flat=True))


def finding(lot: Lot, code: str) -> Finding:
    """Return the open finding of a check on a lot."""
    return Finding.objects.open().get(lot=lot, check_code=code)


def attach(user: User, on: Finding, title: str = "Paper batch record") -> Any:
    """Attach a document to a finding."""
    file = SimpleUploadedFile("record.txt", b"what was written on paper", "text/plain")
    return REGISTRY["evidence.attach_finding_document"](
        ctx_for(user), record_id=on.pk, kind="report", title=title, file=file
    )


def service_account() -> User:
    """Return the account that checks at night."""
    codes = ("check_evidence", "carry_out_check", "fail_check")
    known = User.objects.filter(username=SERVICE).first()
    may = [f"traceability.{code}" for code in codes]
    return known or make_person(SERVICE, may=may, service=True)


@contextmanager
def owner() -> Iterator[psycopg.Connection[Any]]:
    """Give a connection as the owner of the tables; what tests plant with it must be committed."""
    name = connection.settings_dict["NAME"]
    at = settings.OWNER_DATABASE
    with psycopg.connect(
        dbname=name, user=at["USER"], password=at["PASSWORD"], host=at["HOST"], port=at["PORT"]
    ) as db:
        yield db
