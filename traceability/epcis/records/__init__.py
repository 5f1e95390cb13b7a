"""Pages and API forms of exchanged events, captures, event queries and subscriptions."""

from traceability.epcis.records import captures, events, subscriptions

__all__ = ["captures", "events", "subscriptions"]
