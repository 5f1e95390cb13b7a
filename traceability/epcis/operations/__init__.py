"""What people and machines may do in the exchange of events."""

from traceability.epcis.operations import capturing, publishing, subscribing

__all__ = ["capturing", "publishing", "subscribing"]
