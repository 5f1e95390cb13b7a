"""Makes templates and print jobs for tests, through the operations."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from audit.queries import SignatureFact, signatures_of
from erp.accounts.models import Role, RoleAssignment, RolePermission, Site, User
from erp.core import clock
from erp.masterdata.models import Item
from erp.operations.signed import PresentContent
from tests.conftest import ctx_for, signed
from tests.masterdata.builders import make_item
from tests.traceability.builders import make_lots
from traceability.identifiers.models import DeviceIdentifier
from traceability.identifiers.states import IdentifierState
from traceability.labels.delivery import SERVICE, make
from traceability.labels.models import LabelJob, LabelTemplate
from traceability.labels.operations import (
    approve_label_template,
    draft_label_template,
    print_labels,
    refuse_labels,
    release_labels,
    store_labels,
)
from traceability.models import Lot
from traceability.udi.check_digits import mod10

_count = itertools.count(1)

MADE, EXPIRES = dt.date(2026, 3, 1), dt.date(2031, 2, 28)
IN_ORDER = dict.fromkeys(("udi", "expiry", "storage", "handling", "processing"), "conforms")


def element(kind: str, content: str = "", **more: Any) -> dict[str, Any]:
    """Return one element of a layout."""
    return {"kind": kind, "content": content, "x": 1, "y": 1, "w": 10, "h": 4, "size": 6, **more}


def unit_layout() -> list[dict[str, Any]]:
    """Return a layout of 60 × 40 mm for a unit, with everything a label usually shows."""
    return [
        element("datamatrix", x=2, y=2, w=18, h=18),
        element("field", "item_name", x=22, y=2, w=36, h=8, size=8, bold=True),
        element("field", "udi", x=22, y=10, w=36, h=14),
        element("field", "lot", x=2, y=25, w=36, h=4, mark="lot"),
        element("field", "serial", x=2, y=29, w=36, h=4, mark="serial"),
        element("field", "expires", x=2, y=33, w=26, h=4, mark="expires"),
        element("field", "manufactured", x=30, y=33, w=28, h=4, mark="manufactured"),
        element("sign", "single_use", x=52, y=24, w=6, h=6),
        element("line", x=1, y=24, w=50, h=0),
        element("box", x=0.5, y=0.5, w=59, h=39),
        element("text", "Sterile 无菌", x=40, y=25, w=11, h=8, align="centre"),
    ]


def lot_layout() -> list[dict[str, Any]]:
    """Return the layout of a label for a whole lot."""
    return [row for row in unit_layout() if row["content"] != "serial"]


def gtin() -> str:
    """Return a GTIN nobody used yet."""
    body = f"0950110{next(_count):06d}"
    return body + mod10(body)


def identify(item: Item, di: str = "", **more: Any) -> DeviceIdentifier:
    """Give an item an identifier in force."""
    values = {"issuer": "GS1", "level": "base", "market": "", **more}
    return DeviceIdentifier.objects.create(
        item=item,
        di=di or gtin(),
        state=IdentifierState.ACTIVE,
        valid_from=clock.today(),
        **values,
    )


def draft(author: User, item: Item | None, **more: Any) -> LabelTemplate:
    """Draft a template for units of an item."""
    values: dict[str, Any] = {
        "code": f"LT-{next(_count)}",
        "name": "Unit label",
        "item_id": item.pk if item else None,
        "language": "en",
        "label_for": "unit",
        "carrier": "gs1-datamatrix",
        "width_mm": "60",
        "height_mm": "40",
        "module_mm": "0.5",
        **more,
    }
    values.setdefault("elements", unit_layout())
    return draft_label_template(ctx_for(author), **values)


def approved(author: User, approver: User, item: Item | None, **more: Any) -> LabelTemplate:
    """Draft a template and have another person approve it."""
    made = draft(author, item, **more)
    return approve_label_template(signed(approver), template_id=made.pk)


def device(**more: Any) -> Item:
    """Make a device that is followed by serial number within a lot."""
    values = {"kind": "product", "tracking": "both", "name": "Cage 12 × 14 × 6 mm", **more}
    return make_item(**values)


def batch_of(user: User, site: Site, item: Item, units: int = 3, **more: Any) -> Lot:
    """Make a lot with units, made and expiring on fixed days."""
    run = next(_count)
    dates = {"manufactured_on": MADE, "expires_on": EXPIRES, "state": "quarantine", **more}
    lot = make_lots(user, site, 1, item=item, **dates)[0]
    for n in range(units):
        unit = make_lots(user, site, 1, item=item, kind="serial", batch=lot, **dates)[0]
        Lot.objects.filter(pk=unit.pk).update(number=f"SN{run}-{n + 1}")
    return lot


def service() -> User:
    """Return the account that makes labels in the background."""
    known = User.objects.filter(username=SERVICE).first()
    if known is not None:
        return known
    user = User.objects.create(username=SERVICE, name="Label service", is_service=True)
    role = Role.objects.create(code="label-service", name="Label service")
    for op in (store_labels, refuse_labels):
        RolePermission.objects.create(role=role, operation=op.code)
    RoleAssignment.objects.create(user=user, role=role)
    return user


def printed(
    user: User, lot: Lot, template: LabelTemplate, *, made: bool = True, **more: Any
) -> LabelJob:
    """Print labels and, unless told otherwise, have them made."""
    job = print_labels(ctx_for(user), lot_id=lot.pk, template_id=template.pk, **more)
    return finished(job) if made else job


def finished(job: LabelJob) -> LabelJob:
    """Make the labels of a queued job, as the worker does."""
    service()
    return make(LabelJob.objects.select_related("template", "printed_by").get(pk=job.pk))


def released(
    user: User, examiner: User, lot: Lot, template: LabelTemplate, **more: Any
) -> LabelJob:
    """Print labels and have another person release them."""
    job = printed(user, lot, template, **more)
    line = job.lines.order_by("row").first()
    assert line is not None
    return release_labels(
        signed(examiner), job_id=job.pk, examined=1, scanned=line.plain, **IN_ORDER
    )


def signatures(record: Any) -> list[SignatureFact]:
    """Return the signatures of a record as it is now, each with whether it still holds."""
    fresh = type(record)._default_manager.get(pk=record.pk)
    return signatures_of(fresh, PresentContent(fresh))
