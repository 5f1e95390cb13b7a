"""Pages, lists and API of people, roles, sites, tokens and of the logs."""

from erp.organisation.records import logs, people, places, roles, tokens

__all__ = ["logs", "people", "places", "roles", "tokens"]
