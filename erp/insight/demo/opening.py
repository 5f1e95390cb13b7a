"""Before the first order: the organisation, master data, approved suppliers, instruments, plans.

Only the first administrator is written outside the door, because nobody holds a permission before;
everything else is done by somebody through an operation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from equipment import operations as equipment
from erp.insight.demo import devices, goods, labels, people, places
from erp.insight.demo.people import ADMINISTRATOR, FIRST_PASSWORD, PASSWORD, PEOPLE, Person
from erp.insight.demo.stage import Stage
from erp.insight.demo.tools import TOOLS, Tool
from erp.masterdata import operations as masterdata
from erp.masterdata.models import Item, Partner
from erp.organisation import installing
from erp.organisation import operations as organisation
from erp.production import operations as production
from erp.sales import operations as sales
from procurement import operations as procurement
from quality.inspection import operations as inspection

WHY = "First installation of the demonstration plant"


def first_administrator() -> None:
    """Make the first account, which registers all the others."""
    installing.first_administrator(ADMINISTRATOR, PEOPLE[0].name, FIRST_PASSWORD)


def organisation_and_people(stage: Stage) -> None:
    """Register company, sites, people with their roles, and a machine's account."""
    _choose_password(stage, ADMINISTRATOR)
    stage.do(organisation.register_company, ADMINISTRATOR, **places.COMPANY)
    for site in places.SITES:
        stage.do(organisation.register_site, ADMINISTRATOR, company_id="NORDHELM", **site)
    for person in PEOPLE[1:]:
        _engage(stage, person)
    machine = stage.do(
        organisation.create_service_account,
        ADMINISTRATOR,
        username=people.MACHINE,
        name=people.MACHINE_NAME,
        home_site_id="SUZ",
    )
    _grant(stage, machine.pk, "operator", "SUZ")
    stage.forget_actors()


def _engage(stage: Stage, person: Person) -> None:
    user = stage.do(
        organisation.register_person,
        ADMINISTRATOR,
        username=person.username,
        name=person.name,
        email=person.email,
        password=FIRST_PASSWORD,
        home_site_id=person.home,
        may_sign=person.signs,
        identity_checked="Identity card seen by I. Sørensen on the first day"
        if person.signs
        else "",
        language=person.language,
    )
    for role in person.roles:
        _grant(stage, user.pk, role, person.site)
    _choose_password(stage, person.username)


def _choose_password(stage: Stage, username: str) -> None:
    stage.do(organisation.change_password, username, password=FIRST_PASSWORD, new_password=PASSWORD)


def _grant(stage: Stage, user_id: int, role: str, site: str) -> None:
    scope = {"site_id": site} if site else {}
    stage.do(
        organisation.grant_role, ADMINISTRATOR, reason=WHY, user_id=user_id, role_id=role, **scope
    )


def places_and_partners(stage: Stage) -> None:
    """Register every place of the sites and everybody the company deals with."""
    for site in places.SITES:
        for code, name, kind in places.KINDS_OF_PLACE:
            stage.do(
                masterdata.register_location,
                "fatima",
                site_id=site["code"],
                code=f"{site['code']}-{code}",
                name=name,
                kind=kind,
            )
    for firm in places.FIRMS:
        stage.do(
            masterdata.register_partner,
            "karl",
            code=firm.code,
            name=firm.name,
            country=firm.country,
            address=firm.address,
            language=firm.language,
            **firm.further(),
        )
    stage.do(
        masterdata.register_location,
        "fatima",
        site_id="LUB",
        code=places.STERILISER_PLACE,
        name="At SterilGamma Nord",
        kind="subcontractor",
        partner_id=places.STERILISER,
    )


def terms_of_customers(stage: Stage) -> None:
    """Agree what customers ask of every delivery."""
    for code, days in places.MINIMUM_LIFE.items():
        customer = _pk_of_partner(code)
        stage.do(sales.agree_terms, "sofia", customer_id=customer, minimum_life_days=days)


def items(stage: Stage) -> None:
    """Register the items and approve revision A of each; devices get their
    authorisations, identifiers and data sheets.
    """
    for values in goods.ITEMS:
        stage.do(masterdata.register_item, "fatima", **values)
    boms = {goods.CAGE: goods.CAGE_A, goods.PUMP: goods.PUMP_A}
    for values in goods.ITEMS:
        revise(stage, values["code"], "A", "First issue", boms.get(values["code"], ()))
    for code, country, kind, number, since, until in goods.AUTHORISATIONS:
        stage.do(
            masterdata.register_authorisation,
            "claire",
            item_id=pk_of_item(code),
            country=country,
            kind=kind,
            number=number,
            valid_from=stage.calendar.ahead(since),
            valid_until=None if until is None else stage.calendar.ahead(until),
        )
    devices.register(stage)
    devices.describe(stage)
    labels.templates(stage)
    stage.do(
        production.require_process, "helena", item_id=pk_of_item(goods.CAGE), kind="sterilisation"
    )


def revise(stage: Stage, code: str, revision: str, what: str, bom: goods.Bom) -> None:
    """Draft a revision as the planner and approve it as the quality manager."""
    draft = stage.do(
        masterdata.draft_revision,
        "fatima",
        item_id=pk_of_item(code),
        revision=revision,
        description=what,
        lines=[{"component_id": c, "quantity": q, "per_unit": each} for c, q, each in bom],
    )
    stage.do(masterdata.approve_revision, "helena", revision_id=draft.pk)


def pk_of_item(code: str) -> int:
    """Return the id of an item by its number."""
    return int(Item.objects.values_list("pk", flat=True).get(code=code))


def _pk_of_partner(code: str) -> int:
    return int(Partner.objects.values_list("pk", flat=True).get(code=code))


SUPPLIERS: tuple[tuple[str, Sequence[str], str, str], ...] = (
    ("SUP-TITAN", [goods.BAR], "high", "On-site audit, 3 trial lots, EN ISO 13485 certificate"),
    ("SUP-BALTIC", [goods.BAR], "high", "Second source: EN ISO 9001 certificate, 1 trial lot"),
    ("SUP-PEEK", [goods.PEEK], "high", "Drug master file referenced, EN ISO 13485 certificate"),
    ("SUP-POUCH", [goods.POUCH, goods.POUCH_B], "high", "Process validation of sealing reviewed"),
    ("SUP-LABEL", [goods.LABEL], "low", "Questionnaire, samples"),
    ("SUP-PCB", [goods.BOARD], "medium", "On-site audit, IPC-A-610 class 3"),
    ("SUP-PUMP", [goods.HEAD], "medium", "EN ISO 13485 certificate, life test of 10 units"),
    ("SUP-BATT", [goods.BATTERY], "high", "UN 38.3 and IEC 62133 reports, 2 trial lots"),
    ("SUP-CASE", [goods.HOUSING, goods.SCREWS], "low", "Questionnaire, first article inspection"),
    (places.STERILISER, [goods.CAGE], "high", "ISO 11137 validation, quarterly dose audit"),
)


ENDING_SOON = {"SUP-CASE": 21}
"""Days until approvals end that the buyer must renew; the others last about two years."""


def suppliers(stage: Stage) -> None:
    """Approve each supplier for what it delivers; drafted by the buyer, signed by quality."""
    for supplier, scope, risk, basis in SUPPLIERS:
        until = stage.calendar.ahead(ENDING_SOON.get(supplier, 700))
        draft = draft_approval(stage, supplier, scope, risk, basis, until=until)
        stage.do(procurement.approve_supplier, "helena", approval_id=draft.pk)


def draft_approval(
    stage: Stage,
    supplier: str,
    scope: Sequence[str],
    risk: str,
    basis: str,
    *,
    until: dt.date,
) -> Any:
    """Draft the approval of a supplier for items."""
    return stage.do(
        procurement.draft_supplier_approval,
        "karl",
        supplier_id=supplier,
        item_ids=list(scope),
        risk_class=risk,
        method="audit" if "audit" in basis else "certificate",
        basis=basis,
        valid_until=until,
    )


def instruments(stage: Stage) -> None:
    """Register the instruments."""
    for tool in TOOLS:
        stage.do(
            equipment.register_instrument,
            "dmitri",
            code=tool.code,
            name=tool.name,
            instrument_class=tool.kind,
            site_id=tool.site,
            location_id=f"{tool.site}-LINE",
            maker=tool.maker,
            serial_number=f"{tool.code}-{tool.maker[:2].upper()}881",
            measuring_range=tool.range,
            resolution=tool.resolution,
            owner_id="dmitri",
            interval_days=365,
        )


def calibrate(stage: Stage, tool: Tool, due: dt.date) -> None:
    """Record a good calibration of an instrument that lasts until ``due``."""
    stage.do(
        equipment.record_calibration,
        "dmitri",
        instrument_id=tool.code,
        verdict="pass",
        performed_by="Kalibrierdienst Trave GmbH" if tool.site == "LUB" else "苏州市计量测试院",
        standard_used=f"Reference {tool.kind} R-{tool.code[-2:]}",
        certificate_number=f"K-{due:%y%m}-{tool.code}",
        conditions="20.1 °C, 48 % rh",
        due_on=due,
        points=[
            {
                "phase": "as_found",
                "nominal": tool.nominal,
                "reading": tool.nominal,
                "tolerance": tool.tolerance,
                "unit": tool.unit,
            }
        ],
    )


def calibrations(stage: Stage) -> None:
    """Calibrate everything; the due dates are counted from today."""
    for tool in TOOLS:
        calibrate(stage, tool, stage.calendar.ahead(tool.due))


def plans(stage: Stage) -> None:
    """Write the inspection plans."""
    for (code, phase), looks in goods.PLANS.items():
        stage.do(
            inspection.write_inspection_plan,
            "priya",
            item_id=code,
            stage=phase,
            basis=goods.BASIS,
            characteristics=[look.row(goods.SAMPLES[phase]) for look in looks],
        )


def tell(stage: Stage, back: int) -> None:
    """Do all of it in order, one scene a day, the last one ``back`` working days ago."""
    scenes = (
        organisation_and_people, places_and_partners, items, terms_of_customers, suppliers,
        instruments, calibrations, plans,
    )  # fmt: skip
    for days, scene in zip(range(len(scenes) - 1, -1, -1), scenes, strict=True):
        stage.moment = stage.at(back + days, "08:00")
        scene(stage)
