"""Proof of identity: passwords, lock-out, the access log.

Sources: 21 CFR 11.200(a)(1) (two components at each signing), 11.300(d) (attempts are detected and
reported).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db.models import Q

from erp.accounts.errors import (
    LockedOut,
    MayNotSign,
    PasswordNotOwn,
    SignatureRefused,
    SignerIsNotActor,
    WrongPassword,
)
from erp.accounts.models import SecurityEvent, User
from erp.accounts.second_factor import refuse_without
from erp.core import clock
from erp.core.actor import Actor
from erp.core.context import Context, SigningProof

MAX_FAILURES = 5
WINDOW = dt.timedelta(minutes=15)

Kind = SecurityEvent.Kind
_FAILURES = (Kind.SIGN_IN_FAILED, Kind.SIGNING_FAILED)
_RESETS = (Kind.SIGNED_IN, Kind.SIGNED, Kind.UNLOCKED)


def note(kind: Kind, *, username: str = "", user_id: int | None = None, **more: Any) -> None:
    """Write one row of the access log."""
    SecurityEvent.objects.create(kind=kind, username=username[:150], user_id=user_id, **more)


def is_locked(username: str) -> bool:
    """Tell whether this name had too many failures since its last success, within the window."""
    name = username.lower()[:150]
    since = clock.now() - WINDOW
    events = SecurityEvent.objects.filter(username=name, at__gte=since)
    last = events.filter(kind__in=_RESETS).order_by("-at").values_list("at", flat=True).first()
    wrong = Q(kind__in=_FAILURES) | Q(kind=Kind.REFUSED, code=WrongPassword.code)
    failures = events.filter(wrong, at__gt=last or since)
    return failures.count() >= MAX_FAILURES


def note_failure(kind: Kind, username: str, **more: Any) -> None:
    """Write a failure, and a lock-out row at the moment the limit is reached."""
    name = username.lower()
    note(kind, username=name, **more)
    if is_locked(name):
        note(Kind.LOCKED, username=name, **more)


def prove(ctx: Context, proof: SigningProof) -> User:
    """Check that the signer is the actor and knows the secret now; return the user.

    Raises ``LockedOut``, ``SignerIsNotActor``, ``MayNotSign``, ``PasswordNotOwn``,
    ``SecondFactorMissing`` or ``SignatureRefused``. Runs outside the operation's transaction, so
    that a failure stays recorded.
    """
    actor = ctx.actor
    user = User.objects.get(pk=actor.user_id)
    _refuse_wrong_signer(actor, user, proof)
    refuse_without(user)
    where: dict[str, Any] = {
        "channel": ctx.channel,
        "address": ctx.address,
        "request_id": ctx.request_id,
    }
    if is_locked(actor.username):
        raise LockedOut(minutes=int(WINDOW.total_seconds() // 60))
    if not check_password(proof.password, user.password):
        note_failure(Kind.SIGNING_FAILED, actor.username, user_id=user.pk, **where)
        raise SignatureRefused
    note(Kind.SIGNED, username=actor.username.lower(), user_id=user.pk, **where)
    return user


def _refuse_wrong_signer(actor: Actor, user: User, proof: SigningProof) -> None:
    if actor.is_service or not user.may_sign or not user.is_active:
        raise MayNotSign(actor=actor.name)
    if user.password_is_temporary:
        raise PasswordNotOwn
    if proof.username.lower() != actor.username.lower():
        raise SignerIsNotActor(actor=actor.name)


def burn_time(password: str) -> None:
    """Spend the time of a password check, so that unknown names cannot be told by their speed."""
    make_password(password)
