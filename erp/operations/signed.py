"""What the signatures of a record were given for, as it stands now: what changed voids them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db.models import Model

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
