"""Whether two calls say the same: what an idempotency key is kept with.

Everything that decides what a call does is in it, whole: all of a long list, the bytes of a file, a
password, the reason and the told time. It is keyed with the installation's secret, so that what is
kept tells nothing of a password.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.utils.crypto import salted_hmac

from erp.core.context import Context

SALT = "proofline.idempotency"
CHUNK = 2**16


def fingerprint(
    ctx: Context, code: str, subject: object, fields: Mapping[str, Any], at: str
) -> str:
    """Return the keyed SHA-256 of a call of the operation ``code``."""
    body = [code, str(subject), ctx.reason, at, _whole(fields)]
    text = json.dumps(body, sort_keys=True, default=str)
    return salted_hmac(SALT, text, algorithm="sha256").hexdigest()


def _whole(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _whole(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(v) for v in value]
    return _digest(value) if hasattr(value, "read") else value


def _digest(file: Any) -> dict[str, str]:
    """Return name and hash of an uploaded file, and leave it as it was found."""
    file.seek(0)
    found = hashlib.sha256()
    while part := file.read(CHUNK):
        found.update(part)
    file.seek(0)
    return {"name": str(getattr(file, "name", "")), "sha256": found.hexdigest()}
