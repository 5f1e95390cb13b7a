"""What is only read: access log, operation log, signatures; and the alert of a lock-out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from audit.meanings import Meaning
from audit.models import OperationLog, Signature
from erp.accounts.models import SecurityEvent
from erp.accounts.queries import site_or_own_filter
from erp.core import clock
from erp.core.actor import Actor
from erp.core.context import Channel
from erp.core.errors import Text
from erp.operations import REGISTRY
from erp.organisation.permissions import READ_ACCESS, READ_LOG
from erp.ui.home import TaskSource, add_tasks
from erp.ui.page import Fact, Link, Moment, Pill
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, of_model, register

RECENT = dt.timedelta(days=1)
Kind = SecurityEvent.Kind

TONES = {
    Kind.SIGN_IN_FAILED: "waiting",
    Kind.SIGNING_FAILED: "waiting",
    Kind.LOCKED: "bad",
    Kind.TOKEN_REFUSED: "bad",
    Kind.REFUSED: "waiting",
}


class LogKind(RecordKind):
    """Rows whose key is no number have no page of their own: the list says all of them."""

    def url(self, pk: object) -> str:
        """Return no address."""
        return ""


def title_of(code: str) -> Text:
    """Return the words for an operation's code."""
    op = REGISTRY.get(code)
    return op.title if op is not None else code


def _subject(model: str, pk: str, label: str) -> Any:
    kind = of_model(model) if model else None
    return Link(label, kind.url(pk) if kind else "", mono=True) if label else None


# The access log


def _access(actor: Actor) -> QuerySet[SecurityEvent]:
    if READ_ACCESS not in actor.grants:
        return SecurityEvent.objects.filter(user=actor.user_id)
    return SecurityEvent.objects.all()


def _access_pill(event: SecurityEvent) -> Pill:
    return Pill(event.get_kind_display(), TONES.get(Kind(event.kind), "info"))


def _access_facts(view: View) -> Sequence[Fact]:
    event: SecurityEvent = view.record
    return [
        Fact(_("When"), Moment(event.at)),
        Fact(_("User name"), Link(event.username, mono=True) if event.username else None),
        Fact(_("Operation"), title_of(event.operation) if event.operation else None),
        Fact(_("Refusal"), Link(event.code, mono=True) if event.code else None),
        Fact(_("Door"), event.channel or None),
        Fact(_("Address"), Link(event.address, mono=True) if event.address else None),
        Fact(_("Request"), Link(event.request_id, mono=True) if event.request_id else None),
        Fact(_("Details"), [f"{k}: {v}" for k, v in event.detail.items() if v] or None),
    ]


def _access_api(event: SecurityEvent) -> Mapping[str, Any]:
    names = ("kind", "username", "code", "operation", "channel", "address", "request_id", "detail")
    return {"at": event.at.isoformat(), **{name: getattr(event, name) for name in names}}


def _channels(actor: Actor) -> list[tuple[str, Text]]:
    return [(c.value, c.value) for c in Channel]


ACCESS_LOG = register(
    RecordKind(
        model="accounts.SecurityEvent",
        noun="access-log",
        needs="read.access_log",
        nav="audit",
        icon="lock",
        label=_("Access log entry"),
        plural=_("Access log"),
        rows=_access,
        columns=[
            ColumnSpec("kind", _("What"), _access_pill, "state"),
            ColumnSpec("at", _("When"), lambda e: Moment(e.at), "moment", sort="at"),
            ColumnSpec("username", _("User name"), lambda e: e.username or None, "mono"),
            ColumnSpec(
                "operation", _("Operation"), lambda e: title_of(e.operation) if e.operation else "–"
            ),
            ColumnSpec("code", _("Refusal"), lambda e: e.code or "–", "mono"),
            ColumnSpec("channel", _("Door"), lambda e: e.channel or None),
            ColumnSpec("address", _("Address"), lambda e: e.address or None, "mono"),
        ],
        api=_access_api,
        number=lambda e: str(e.pk),
        title=lambda e: e.get_kind_display(),
        state=_access_pill,
        facts=_access_facts,
        search=("username", "code", "operation", "request_id"),
        filters=(
            FilterSpec("kind", _("What"), lambda actor: list(Kind.choices), lookup="kind"),
            FilterSpec("channel", _("Door"), _channels, lookup="channel"),
        ),
        empty=_("Sign-ins, refusals and signings will stand here."),
    )
)


# The operation log


def _log(actor: Actor) -> QuerySet[OperationLog]:
    if READ_LOG not in actor.grants:
        return OperationLog.objects.filter(actor=actor.user_id)
    return OperationLog.objects.filter(
        site_or_own_filter(actor, site="site", own="actor")
    ).select_related("site")


def _log_api(entry: OperationLog) -> Mapping[str, Any]:
    return {
        "code": entry.code,
        "at": entry.at.isoformat(),
        "actor": entry.actor_name,
        "channel": entry.channel,
        "reason": entry.reason,
        "subject": {
            "model": entry.subject_model,
            "id": entry.subject_pk,
            "label": entry.subject_label,
        },
        "input": entry.input,
        "notes": entry.notes,
    }


def _operations(actor: Actor) -> list[tuple[str, Text]]:
    return sorted(((code, op.title) for code, op in REGISTRY.items()), key=lambda pair: pair[0])


OPERATION_LOG = register(
    LogKind(
        model="audit.OperationLog",
        noun="operation-log",
        needs="read.operation_log",
        nav="audit",
        icon="history",
        label=_("Operation log entry"),
        plural=_("Operation log"),
        rows=_log,
        columns=[
            ColumnSpec("at", _("When"), lambda e: Moment(e.at), "moment", sort="at"),
            ColumnSpec("operation", _("Operation"), lambda e: title_of(e.code)),
            ColumnSpec(
                "subject",
                _("Record"),
                lambda e: _subject(e.subject_model, e.subject_pk, e.subject_label) or "–",
            ),
            ColumnSpec("actor", _("Who"), lambda e: e.actor_name, sort="actor_name"),
            ColumnSpec("channel", _("Door"), lambda e: e.channel),
            ColumnSpec("reason", _("Reason"), lambda e: e.reason or "–"),
        ],
        api=_log_api,
        search=("actor_name", "subject_label", "code", "reason"),
        filters=(
            FilterSpec("code", _("Operation"), _operations, lookup="code"),
            FilterSpec("channel", _("Door"), _channels, lookup="channel"),
        ),
        order="-at",
        empty=_("Every operation that was done will stand here."),
    )
)


# Signatures


def _signatures(actor: Actor) -> QuerySet[Signature]:
    rows = Signature.objects.select_related("operation")
    if READ_LOG not in actor.grants:
        return rows.filter(signer=actor.user_id)
    return rows.filter(site_or_own_filter(actor, site="operation__site", own="signer"))


def _meaning(signature: Signature) -> Text:
    return (
        Meaning(signature.meaning).label
        if signature.meaning in Meaning.values
        else signature.meaning
    )


def _signed(signature: Signature) -> Any:
    entry = signature.operation
    return _subject(
        signature.subject_model, signature.subject_pk, entry.subject_label or signature.subject_pk
    )


def _signature_facts(view: View) -> Sequence[Fact]:
    signature: Signature = view.record
    return [
        Fact(_("Printed name"), signature.printed_name),
        Fact(_("User name"), Link(signature.username, mono=True)),
        Fact(_("Meaning"), _meaning(signature)),
        Fact(_("Statement"), signature.statement),
        Fact(_("Signed"), clock.local_text(signature.signed_at, signature.zone_offset)),
        Fact(_("Record"), _signed(signature)),
        Fact(_("Operation"), title_of(signature.operation.code)),
        Fact(_("SHA-256 of the content signed"), Link(signature.content_hash, mono=True)),
    ]


def _signature_api(signature: Signature) -> Mapping[str, Any]:
    return {
        "printed_name": signature.printed_name,
        "username": signature.username,
        "meaning": signature.meaning,
        "statement": signature.statement,
        "signed_at": signature.signed_at.isoformat(),
        "zone_offset": signature.zone_offset,
        "subject": {"model": signature.subject_model, "id": signature.subject_pk},
        "operation": signature.operation.code,
        "content_hash": signature.content_hash,
    }


SIGNATURES = register(
    RecordKind(
        model="audit.Signature",
        noun="signatures",
        nav="audit",
        icon="writing",
        label=_("Electronic signature"),
        plural=_("Electronic signatures"),
        rows=_signatures,
        columns=[
            ColumnSpec(
                "at", _("Signed"), lambda s: Moment(s.signed_at), "moment", sort="signed_at"
            ),
            ColumnSpec("name", _("Printed name"), lambda s: s.printed_name, sort="printed_name"),
            ColumnSpec("meaning", _("Meaning"), _meaning),
            ColumnSpec("record", _("Record"), _signed),
            ColumnSpec("operation", _("Operation"), lambda s: title_of(s.operation.code)),
        ],
        api=_signature_api,
        number=lambda s: str(s.pk),
        title=lambda s: s.printed_name,
        facts=_signature_facts,
        search=("printed_name", "username", "operation__subject_label"),
        filters=(
            FilterSpec(
                "meaning", _("Meaning"), lambda actor: list(Meaning.choices), lookup="meaning"
            ),
        ),
        order="-signed_at",
        empty=_("Nobody signed anything yet."),
    )
)


def _locked_out(actor: Actor) -> QuerySet[SecurityEvent]:
    rows = _access(actor) if READ_ACCESS in actor.grants else SecurityEvent.objects.none()
    return rows.filter(kind=Kind.LOCKED, at__gte=clock.now() - RECENT).order_by("at")


add_tasks(
    TaskSource(
        code="organisation.locked_out",
        title=_("Locked out in the last day"),
        permission="organisation.unlock_person",
        noun="access-log",
        rows=_locked_out,
        query="kind=locked",
        icon="lock",
        tone="bad",
    )
)
