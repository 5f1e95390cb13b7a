"""The door: the only way data changes (design 3, docs/adr/0001).

An operation is a typed function declared once. From that declaration come the REST endpoint, the
dialog, the command-line form, the permission, the OpenAPI entry and the row of the manual.
"""

from erp.operations.declaration import Operation, Reason, operation
from erp.operations.inputs import OperationInput, RecordField
from erp.operations.registry import REGISTRY

__all__ = ["REGISTRY", "Operation", "OperationInput", "Reason", "RecordField", "operation"]
