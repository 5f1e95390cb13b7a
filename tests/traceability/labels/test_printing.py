"""Printing: what comes out of the printer says what was intended, and lands on the unit."""

from __future__ import annotations

from typing import Any

import pytest
import zxingcpp
from django.test import Client

from audit import attachments
from erp.accounts.models import Site, User
from tests.conftest import ctx_for
from tests.traceability.labels.builders import (
    approved,
    batch_of,
    device,
    identify,
    printed,
)
from traceability.labels import pdf
from traceability.labels.models import LabelJob, LabelTemplate
from traceability.models import Lot

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot(ben: User, site: Site) -> Lot:
    """Return a lot of three units of a device with an identifier."""
    item = device()
    identify(item)
    return batch_of(ben, site, item)


@pytest.fixture
def template(ada: User, ben: User, lot: Lot) -> LabelTemplate:
    """Return an approved template for the units of the lot."""
    return approved(ada, ben, lot.item)


def scanned(job: LabelJob) -> list[str]:
    """Return what a phone reads from every page of the file that is printed."""
    data = attachments.path_of(job.pdf_sha256).read_bytes()
    found = []
    for page in pdf.look_at(data, 8):
        codes = zxingcpp.read_barcodes(page.image)
        found += [code.bytes.decode() for code in codes]
    return found


@pytest.mark.urs("UDI-03")
def test_a_person_scans_a_printed_label_and_lands_on_the_unit(
    ben: User, lot: Lot, template: LabelTemplate
) -> None:
    job = printed(ben, lot, template)
    assert job.state == "printed"
    read = scanned(job)
    units = list(Lot.objects.filter(batch=lot).order_by("number"))
    assert len(read) == len(units) == 3
    client = Client()
    client.force_login(ben)
    for text, unit in zip(read, units, strict=True):
        answer: Any = client.get("/scan/", {"q": text})
        assert unit.number in text
        assert f"/lots/{unit.pk}/" in (answer.get("Location") or answer.content.decode())


def test_first(ben: User, lot: Lot, template: LabelTemplate) -> None:
    job = printed(ben, lot, template, output="zpl-203")
    assert job.state == "printed", job.faults
    assert ctx_for(ben)
    text = attachments.path_of(job.zpl_sha256).read_text()
    assert text.count("^XA") == 3
