"""The service account in whose name the exchange works by itself."""

from __future__ import annotations

from erp.accounts.models import User
from erp.accounts.queries import actor_for
from erp.core.context import Channel, Context

SERVICE = "epcis-service"


def service_context() -> Context:
    """Return the context of what nobody asked for in person."""
    user = User.objects.get(username=SERVICE)
    return Context(actor=actor_for(user), channel=Channel.TASK)
