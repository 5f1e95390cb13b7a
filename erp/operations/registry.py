"""All operations by code: what the doors are generated from and what the oracle tests walk over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from erp.core.errors import NotFound

if TYPE_CHECKING:
    from erp.operations.declaration import Operation

REGISTRY: dict[str, Operation[Any, Any]] = {}


def find(code: str) -> Operation[Any, Any]:
    """Return the operation with this code, or raise ``NotFound``."""
    try:
        return REGISTRY[code]
    except KeyError:
        raise NotFound(what="operation") from None


def for_model(label: str) -> list[Operation[Any, Any]]:
    """Return the operations whose subject is a record of this model (``app.model``)."""
    return [op for op in REGISTRY.values() if op.subject and op.subject.lower() == label.lower()]


def creating(label: str) -> list[Operation[Any, Any]]:
    """Return the operations that make records of this model."""
    return [op for op in REGISTRY.values() if op.creates and op.creates.lower() == label.lower()]
