"""What the signatures of a record were given for, as it stands now: what changed voids them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from audit.queries import SignatureFact, signatures_of
from erp.operations.registry import REGISTRY

Content = Mapping[str, Any] | None


class PresentContent:
    """The present content of one record, by operation signed; computed once for each.

    ``None`` where it cannot be computed any more: such a signature is not shown as valid.
    """

    def __init__(self, record: Model) -> None:
        self.record = record
        self.known: dict[str, Content] = {}

    def __call__(self, code: str, operation_id: uuid.UUID) -> Content:
        """Return what the call ``operation_id`` of the operation ``code`` signed, as it is now."""
        op = REGISTRY.get(code)
        if op is not None and op.signs_then is not None:
            return op.signs_then(self.record, operation_id)
        if code not in self.known:
            self.known[code] = self._content(code)
        return self.known[code]

    def _content(self, code: str) -> Content:
        op = REGISTRY.get(code)
        label = self.record._meta.label_lower
        if op is None or op.signs is None or label not in {op.subject.lower(), op.creates.lower()}:
            return None
        return op.signs(self.record)


def signatures_about(record: Model) -> list[SignatureFact]:
    """Return the signatures of a record, and the one by which it was made, oldest first.

    A record that a signed act on another one leaves behind (the release of a lot) says in
    ``signed_with`` which record was signed, and by which operation.
    """
    own = signatures_of(record, PresentContent(record))
    act: tuple[Model, uuid.UUID | None] | None = getattr(record, "signed_with", None)
    if act is None:
        return own
    signed, operation_id = act
    given = signatures_of(signed, PresentContent(signed))
    return [*(mark for mark in given if mark.operation_id == operation_id), *own]
