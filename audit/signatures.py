"""Signatures: bound to the exact content by the hash of its canonical JSON (RFC 8785)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import rfc8785
from django.utils import timezone

from audit.meanings import STATEMENTS, Meaning
from audit.models import OperationLog, Signature
from erp.accounts.models import User
from erp.core import clock
from erp.core.quantities import plain

Content = Mapping[str, Any]


def canonical(value: Any) -> Any:
    """Return ``value`` in the JSON types that have one canonical form.

    Decimals become plain strings, instants ISO 8601 in UTC, dates ISO 8601.
    """
    if isinstance(value, Mapping):
        return {str(k): canonical(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [canonical(v) for v in value]
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if value is None or isinstance(value, bool | int | float):
        return value
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def content_hash(content: Content) -> str:
    """Return the SHA-256 (hex) of the canonical JSON of ``content``."""
    return hashlib.sha256(rfc8785.dumps(canonical(content))).hexdigest()


def sign(
    entry: OperationLog,
    *,
    signer: User,
    meaning: Meaning,
    subject: tuple[str, str],
    content: Content,
) -> Signature:
    """Write the signature of ``signer`` under the content as it now is."""
    statement, now = STATEMENTS[meaning], clock.now()
    return Signature.objects.create(
        operation=entry,
        signer=signer,
        username=signer.username,
        printed_name=signer.name,
        meaning=meaning,
        statement=str(statement),
        # The moment of signing, also where what was done is told to have happened before.
        signed_at=now,
        zone_offset=clock.offset_of(timezone.localtime(now)),
        subject_model=subject[0],
        subject_pk=subject[1],
        content=canonical(content),
        content_hash=content_hash(content),
    )


def still_binds(signature: Signature, content: Content) -> bool:
    """Tell whether the content is still exactly what was signed; if not, the signature is void."""
    return signature.content_hash == content_hash(content)
