"""What happens at every call of an operation, in this order (design 3).

1. who may: signed in, the subject visible, the operation held at its site, not a barred person;
2. shape of the input; 3. signature present, fresh, for this meaning;
4. one transaction: idempotency, stamp for the triggers, the function (lock, state, gates, write),
   signature, log. A refusal is raised, logged outside, and nothing of it is left.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.db import OperationalError, transaction
from django.db.models import Model
from django.utils.translation import gettext

from audit.models import IdempotencyRecord, OperationLog
from audit.signatures import canonical, sign
from erp.accounts import security
from erp.accounts.errors import MayNotSign, OtherMeaning, SignatureMissing
from erp.accounts.models import SecurityEvent, User
from erp.core import clock
from erp.core.context import Context
from erp.core.errors import (
    Busy,
    DomainError,
    FieldFault,
    IdempotencyMismatch,
    InvalidInput,
    NotFound,
    NotPermitted,
    NotYetHappened,
    SamePerson,
)
from erp.core.history import stamp_transaction
from erp.core.ids import uuid7
from erp.core.locking import LOCK_TIMEOUT_MS, raise_busy
from erp.operations.declaration import Operation, Reason
from erp.operations.inputs import validated
from erp.operations.sameness import fingerprint

Op = Operation[Any, Any]

SECRET_FIELDS = frozenset({"password", "new_password", "secret"})
MAX_LOGGED_LIST = 200
PG_INT_MAX = 2**63 - 1
CLOCKS_DIFFER = dt.timedelta(minutes=1)
TOLD_LATE = dt.timedelta(days=1)


def call(op: Op, ctx: Context, values: dict[str, Any]) -> Any:
    """Run ``op`` for ``ctx`` with raw or typed values; return its result or raise a refusal."""
    ctx = ctx.within(op.code, uuid7())
    try:
        return _call(op, ctx, values)
    except OperationalError as error:
        try:
            raise_busy(error)
        except Busy as busy:
            _log_refusal(op, ctx, busy)
            raise
    except DomainError as refusal:
        _log_refusal(op, ctx, refusal)
        raise


def _call(op: Op, ctx: Context, values: dict[str, Any]) -> Any:
    subject_id = values.pop(op.subject_arg, None) if op.subject else None
    subject = visible_subject(op, ctx, subject_id) if op.subject else None
    if not ctx.actor.may(op.code):
        raise NotPermitted(operation=op.title)
    inputs = validated(op.input(data=values, context={"actor": ctx.actor, "subject": subject}))
    _refuse_stranger(op, ctx, subject, inputs)
    _refuse_without_reason(op, ctx)
    _refuse_told_time(op, ctx)
    said = _fingerprint(op, ctx, subject_id, values)
    replay = _replayed(ctx, said)
    if replay is not None:
        return replay
    signer = _prove_signature(op, ctx)
    try:
        with transaction.atomic(durable=True):
            return _run(op, ctx, subject, inputs, said, signer)
    except DomainError:
        # A twin under the same key may have done it while this call waited for a lock.
        done = _replayed(ctx, said)
        if done is None:
            raise
        return done


def _run(
    op: Op,
    ctx: Context,
    subject: Any,
    inputs: dict[str, Any],
    said: str,
    signer: User | None,
) -> Any:
    stamp_transaction(
        operation_id=ctx.run_id,
        user_id=ctx.actor.user_id,
        reason=ctx.reason,
        channel=ctx.channel,
        address=ctx.address or "",
        lock_timeout_ms=LOCK_TIMEOUT_MS,
    )
    arguments = {op.subject_arg: subject.pk, **inputs} if op.subject else inputs
    result = op.function(ctx, **arguments)
    about = subject if subject is not None else result
    entry = _write_log(op, ctx, about, inputs)
    if signer is not None and op.signs is not None and op.signed_as is not None:
        signed = subject if subject is not None else result
        signed.refresh_from_db()
        sign(
            entry,
            signer=signer,
            meaning=op.signed_as,
            subject=_pointer(signed),
            content=op.signs(signed),
        )
    _remember(op, ctx, said, result)
    return result


def visible_subject(op: Op, ctx: Context, pk: object) -> Any:
    """Return the subject if the actor may see it; otherwise ``NotFound``, as for a wrong id."""
    model = op.subject_model()
    manager: Any = model._default_manager
    text = str(pk)
    whole = text.isdecimal() and int(text) <= PG_INT_MAX
    rows = manager.visible_to(ctx.actor) if hasattr(manager, "visible_to") else manager.all()
    found = rows.filter(pk=int(text)).first() if whole else None
    if found is None:
        raise NotFound(what=model._meta.verbose_name)
    return found


def sites_of(op: Op, subject: Any, inputs: Mapping[str, Any]) -> tuple[int | None, ...]:
    """Return the sites at each of which the permission must be held; ``None``: at any site."""
    if op.site_of is None:
        return (getattr(subject, "site_id", None) or inputs.get("site_id"),)
    sites = op.site_of(subject, inputs)
    if sites is None or isinstance(sites, int):
        return (sites,)
    return tuple(sorted(set(sites))) or (None,)


def _refuse_stranger(op: Op, ctx: Context, subject: Any, inputs: Mapping[str, Any]) -> None:
    if not all(ctx.actor.may(op.code, site) for site in sites_of(op, subject, inputs)):
        raise NotPermitted(operation=op.title)
    for user_id, name, earlier in op.other_than(subject) if op.other_than else ():
        if user_id == ctx.actor.user_id:
            raise SamePerson(person=name, earlier=earlier)


def _refuse_without_reason(op: Op, ctx: Context) -> None:
    if op.reason is Reason.REQUIRED and not ctx.reason.strip():
        raise InvalidInput(
            faults=[FieldFault("reason", gettext("Say why: this is kept in the history."))]
        )


def _refuse_told_time(op: Op, ctx: Context) -> None:
    """What happened may be told later, never beforehand; told more than a day later, with why.

    A minute is granted to clocks that differ.
    """
    if ctx.at is None:
        return
    now = clock.now()
    if ctx.at > now + CLOCKS_DIFFER:
        raise NotYetHappened(at=f"{ctx.at:%Y-%m-%d %H:%M} UTC")
    if op.tells_time and now - ctx.at > TOLD_LATE and not ctx.reason.strip():
        reason = gettext("Say why this is recorded more than a day after it happened.")
        raise InvalidInput(faults=[FieldFault("reason", reason)])


def _prove_signature(op: Op, ctx: Context) -> User | None:
    if op.signed_as is None:
        return None
    if ctx.actor.is_service:
        raise MayNotSign(actor=ctx.actor.name)
    proof = ctx.signature
    if proof is None:
        raise SignatureMissing(meaning=op.signed_as.label)
    if proof.meaning and proof.meaning != op.signed_as:
        raise OtherMeaning(meaning=op.signed_as.label, given=str(proof.meaning)[:40])
    return security.prove(ctx, proof)


def _pointer(record: Model) -> tuple[str, str]:
    return record._meta.label_lower, str(record.pk)


def _write_log(op: Op, ctx: Context, about: Any, inputs: Mapping[str, Any]) -> OperationLog:
    model, pk = _pointer(about) if isinstance(about, Model) else ("", "")
    return OperationLog.objects.create(
        id=ctx.run_id,
        code=op.code,
        at=ctx.at or clock.now(),
        actor_id=ctx.actor.user_id,
        actor_name=ctx.actor.name,
        channel=ctx.channel,
        address=ctx.address,
        request_id=ctx.request_id,
        reason=ctx.reason,
        site_id=sites_of(op, about, inputs)[0],
        subject_model=model,
        subject_pk=pk,
        subject_label=str(about)[:200] if model else "",
        input=canonical(_loggable(inputs)),
        notes=canonical(ctx.notes),
    )


def _loggable(value: Any) -> Any:
    """Return the input for the log: no secrets, files by name, long lists by their count and
    ends.
    """
    if isinstance(value, Mapping):
        return {k: "…" if k in SECRET_FIELDS else _loggable(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        if len(value) > MAX_LOGGED_LIST:
            return {"count": len(value), "first": _loggable(value[0]), "last": _loggable(value[-1])}
        return [_loggable(v) for v in value]
    return getattr(value, "name", value) if hasattr(value, "read") else value


def _fingerprint(op: Op, ctx: Context, subject_id: object, values: Mapping[str, Any]) -> str:
    """Return what a key is kept with."""
    if not ctx.idempotency_key:
        return ""
    told = ctx.at.isoformat() if ctx.at else ""
    return fingerprint(ctx, op.code, subject_id, values, told)


def _replayed(ctx: Context, said: str) -> Any | None:
    if not ctx.idempotency_key:
        return None
    kept = IdempotencyRecord.objects.filter(
        actor_id=ctx.actor.user_id, key=ctx.idempotency_key
    ).first()
    return None if kept is None else _result_of(kept, said)


def _result_of(kept: IdempotencyRecord, input_hash: str) -> Any:
    if kept.input_hash != input_hash:
        raise IdempotencyMismatch
    if not kept.result_model:
        return kept
    return apps.get_model(kept.result_model)._default_manager.get(pk=kept.result_pk)


def _remember(op: Op, ctx: Context, said: str, result: Any) -> None:
    """Keep the answer under its key; a concurrent twin waits here and then loses."""
    if not ctx.idempotency_key:
        return
    model, pk = _pointer(result) if isinstance(result, Model) else ("", "")
    rows = IdempotencyRecord.objects.bulk_create(
        [
            IdempotencyRecord(
                actor_id=ctx.actor.user_id,
                key=ctx.idempotency_key,
                code=op.code,
                input_hash=said,
                operation_id=ctx.run_id,
                result_model=model,
                result_pk=pk,
            )
        ],
        ignore_conflicts=True,
    )
    mine = IdempotencyRecord.objects.filter(operation_id=ctx.run_id).exists()
    if not rows or not mine:
        raise Busy


def _log_refusal(op: Op, ctx: Context, refusal: DomainError) -> None:
    security.note(
        SecurityEvent.Kind.REFUSED,
        username=ctx.actor.username,
        user_id=ctx.actor.user_id,
        code=refusal.code,
        operation=op.code,
        channel=ctx.channel,
        address=ctx.address,
        request_id=ctx.request_id,
        detail={
            "blockers": [b.code for b in refusal.blockers],
            "faults": list(dict.fromkeys(f.name for f in refusal.faults)),
        },
    )


def new_request_id() -> str:
    """Return an id for one request, shown to people in error pages and kept in the log."""
    return uuid.uuid4().hex
