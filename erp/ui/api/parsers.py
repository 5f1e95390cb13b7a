"""Reading JSON strictly: UTF-8 only, no NaN, bounded size, a sentence when it cannot be read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import BaseParser

from erp.core.errors import BodyTooLarge, MalformedBody
from erp.core.texts import refuse_unstorable


class StrictJSONParser(BaseParser):
    """Parses ``application/json`` or raises a typed refusal."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the parsed body; numbers with a point stay exact (``Decimal`` from their text)."""
        raw = stream.read(settings.MAX_BODY_BYTES + 1)
        if len(raw) > settings.MAX_BODY_BYTES:
            raise BodyTooLarge(limit=f"{settings.MAX_BODY_BYTES // (1024 * 1024)} MB")
        if not raw:
            return {}
        try:
            text = raw.decode("utf-8")
            refuse_unstorable(text)
            body = json.loads(text, parse_float=str, parse_constant=_refuse_constant)
        except UnicodeDecodeError as error:
            raise MalformedBody(reason=f"invalid UTF-8 at byte {error.start}") from error
        except (ValueError, RecursionError) as error:
            raise MalformedBody(reason=str(error)) from error
        if not isinstance(body, dict):
            raise MalformedBody(reason="the body must be a JSON object")
        return body


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number in JSON")
