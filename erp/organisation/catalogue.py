"""The roles a new installation starts with. They are data: quality staff rearrange them.

Permissions are written as patterns over operation codes, so that a role follows what an app offers.
Nobody holds both the administration and quality work: the administrator decides who works here, not
what is good (EU GMP Annex 11 draft, 12.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from erp.organisation.permissions import READ_ACCESS, READ_LOG, READ_PEOPLE

EVIDENCE = ("evidence.request_*", "traceability.save_trace")
DOCUMENTS = ("evidence.attach_*",)
LABELS = (
    "traceability.print_*",
    "traceability.reprint_*",
    "traceability.use_labels",
    "traceability.scrap_labels",
    "traceability.take_back_label_count",
)
LABEL_CHECKS = (
    "traceability.release_labels",
    "traceability.reject_labels",
    "traceability.scrap_labels",
    "traceability.reconcile_labels",
)
LABEL_ARTWORK = (
    "traceability.draft_label_*",
    "traceability.revise_label_*",
)
IDENTIFIERS = (
    "traceability.*_identifier",
    "traceability.link_packaging",
    "traceability.*_data_sheet*",
    "traceability.answer_*",
)
FINDINGS = (
    "traceability.check_evidence",
    "traceability.check_lot",
    "traceability.assign_finding",
    "traceability.record_missing_*",
)
EXCHANGE = (
    "traceability.capture_document",
    "traceability.link_event",
    "traceability.*_event_query",
    "traceability.*_event_subscription",
    "traceability.subscribe_to_events",
)


@dataclass(frozen=True, slots=True)
class RolePlan:
    """A role as delivered: code, name, what it is for, patterns of permissions, and exceptions."""

    code: str
    name: str
    description: str
    allows: Sequence[str]
    never: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """A service account as delivered, with the role it holds everywhere."""

    username: str
    name: str
    role: str


ROLES: tuple[RolePlan, ...] = (
    RolePlan(
        "operator",
        _("Operator"),
        _("Makes the product: takes material by scan, reports what was made, returns the rest."),
        (
            "production.start_*",
            "production.issue_*",
            "production.return_*",
            "production.report_*",
            "production.move_*",
            "production.complete_*",
            "production.record_*",
            "inventory.transfer_*",
            "inventory.split_*",
            "inventory.rework_*",
            "inventory.assemble_*",
            "inventory.replace_*",
            "inventory.pack",
            "inventory.unpack",
            "inventory.open_logistic_unit",
            *LABELS,
            *DOCUMENTS,
        ),
    ),
    RolePlan(
        "warehouse-keeper",
        _("Warehouse keeper"),
        _("Receives, stores, picks, packs and ships."),
        (
            "procurement.receive_*",
            "procurement.return_*",
            "inventory.transfer_*",
            "inventory.move_*",
            "inventory.count_*",
            "inventory.scrap_*",
            "inventory.split_*",
            "inventory.merge_*",
            "inventory.repack_*",
            "inventory.assemble_*",
            "inventory.return_*",
            "inventory.pack",
            "inventory.unpack",
            "inventory.open_logistic_unit",
            "inventory.name_corrective_event",
            "sales.allocate*",
            "sales.withdraw_allocation",
            "sales.pick_*",
            "sales.pack_*",
            "sales.ship_*",
            "sales.confirm_*",
            "sales.return_*",
            "production.send_*",
            "production.receive_*",
            "production.move_*",
            *LABELS,
            *DOCUMENTS,
        ),
    ),
    RolePlan(
        "inspector",
        _("Inspector"),
        _("Inspects by plan and records results; decides acceptance and rejection by them."),
        (
            "quality.start_inspection*",
            "quality.open_inspection*",
            "quality.record_*",
            "quality.decide_inspection*",
            "quality.*_inspection",
            "quality.report_nonconformity",
            "quality.open_nonconformity",
            "quality.open_deviation",
            "inventory.hold_*",
            "inventory.place_hold",
            "inventory.take_sample",
            "equipment.take_out_of_service",
            *LABEL_CHECKS,
            *EVIDENCE,
            *DOCUMENTS,
        ),
        ("quality.write_*", "quality.approve_*"),
    ),
    RolePlan(
        "quality-engineer",
        _("Quality engineer"),
        _("Plans inspections, handles nonconformities, places holds, prepares the release."),
        (
            "quality.*",
            "inventory.hold_*",
            "inventory.place_hold",
            *LABEL_CHECKS,
            *LABEL_ARTWORK,
            *FINDINGS,
            "inventory.take_sample",
            "inventory.regrade_*",
            "inventory.declare_error",
            "inventory.name_corrective_event",
            *EVIDENCE,
            *DOCUMENTS,
            READ_LOG,
        ),
        ("quality.release_*", "quality.approve_*", "quality.close_*", "quality.grant_*"),
    ),
    RolePlan(
        "quality-manager",
        _("Quality manager"),
        _("Person responsible for release: releases, approves, grants concessions, lifts holds."),
        (
            "quality.*",
            "inventory.hold_*",
            "inventory.place_hold",
            "inventory.release_hold",
            "inventory.declare_error",
            "inventory.name_corrective_event",
            "masterdata.approve_*",
            "procurement.approve_*",
            "procurement.qualify_*",
            "procurement.suspend_*",
            "procurement.reinstate_*",
            "procurement.withdraw_*",
            "production.require_process",
            "traceability.approve_label_*",
            "traceability.retire_label_*",
            *LABEL_CHECKS,
            "traceability.activate_identifier",
            "traceability.withdraw_identifier",
            "traceability.declare_data_sheet_ready",
            *FINDINGS,
            "traceability.explain_finding",
            *EXCHANGE,
            *EVIDENCE,
            *DOCUMENTS,
            READ_PEOPLE,
            READ_LOG,
            READ_ACCESS,
        ),
    ),
    RolePlan(
        "buyer",
        _("Buyer"),
        _("Orders materials and services from suppliers approved for them."),
        ("procurement.*", "masterdata.register_partner", "masterdata.revise_partner", *DOCUMENTS),
        (
            "procurement.approve_*",
            "procurement.qualify_*",
            "procurement.suspend_*",
            "procurement.reinstate_*",
            "procurement.withdraw_*",
            "procurement.receive_*",
        ),
    ),
    RolePlan(
        "planner",
        _("Planner"),
        _("Plans work orders and keeps items and bills of material."),
        (
            "production.plan_*",
            "production.cancel_*",
            "production.send_*",
            "masterdata.register_*",
            "masterdata.draft_*",
            "masterdata.revise_*",
            *DOCUMENTS,
        ),
    ),
    RolePlan(
        "metrologist",
        _("Metrologist"),
        _("Keeps instruments and machines: register, calibration, maintenance."),
        ("equipment.*", *EVIDENCE, *DOCUMENTS),
    ),
    RolePlan(
        "regulatory-affairs",
        _("Regulatory affairs"),
        _("Keeps market authorisations, answers authorities, leads recalls."),
        (
            "masterdata.register_authorisation",
            "masterdata.revise_authorisation",
            *IDENTIFIERS,
            "recall.*",
            "inventory.place_hold",
            "inventory.hold_*",
            *EVIDENCE,
            *DOCUMENTS,
            READ_LOG,
        ),
    ),
    RolePlan(
        "customer-service",
        _("Customer service"),
        _("Takes orders, returns and complaints."),
        (
            "sales.*",
            "masterdata.register_partner",
            "masterdata.revise_partner",
            "quality.register_complaint",
            "quality.open_complaint",
            *DOCUMENTS,
        ),
        ("sales.pick_*", "sales.pack_*", "sales.ship_*", "sales.confirm_put_back"),
    ),
    RolePlan(
        "administrator",
        _("System administrator"),
        _("Keeps accounts, roles, sites and tokens. Does no quality work."),
        ("organisation.*", READ_PEOPLE, READ_ACCESS, READ_LOG),
    ),
    RolePlan(
        "auditor",
        _("Auditor"),
        _("Reads everything, changes nothing; has evidence packs made."),
        (*EVIDENCE, READ_PEOPLE, READ_ACCESS, READ_LOG),
    ),
    RolePlan(
        "event-exchange",
        _("Event exchange"),
        _("Sends events to us and asks for ours by EPCIS; for the accounts of partners' systems."),
        (
            "traceability.capture_document",
            "traceability.capture_event",
            "traceability.define_event_query",
            "traceability.remove_event_query",
            "traceability.subscribe_to_events",
            "traceability.end_event_subscription",
        ),
    ),
    RolePlan(
        "epcis-service",
        _("Exchange service"),
        _("Captures and publishes events in the background; held by a service account only."),
        (
            "traceability.capture_events",
            "traceability.fail_capture",
            "traceability.publish_events",
            "traceability.note_event_delivery",
            "traceability.run_event_subscription",
        ),
    ),
    RolePlan(
        "evidence-service",
        _("Evidence service"),
        _("Stores finished evidence packs; held by a service account only."),
        ("evidence.store_pack", "evidence.fail_pack"),
    ),
    RolePlan(
        "label-service",
        _("Label service"),
        _("Stores labels that were read back; held by a service account only."),
        ("traceability.store_labels", "traceability.refuse_labels"),
    ),
    RolePlan(
        "evidence-checker",
        _("Evidence checker"),
        _("Searches every night for missing evidence; held by a service account only."),
        (
            "traceability.check_evidence",
            "traceability.carry_out_check",
            "traceability.fail_check",
        ),
    ),
)

SERVICES: tuple[ServicePlan, ...] = (
    ServicePlan("evidence-service", "Evidence service", "evidence-service"),
    ServicePlan("label-service", "Label service", "label-service"),
    ServicePlan("evidence-checker", "Evidence checker", "evidence-checker"),
    ServicePlan("epcis-service", "Exchange service", "epcis-service"),
)
