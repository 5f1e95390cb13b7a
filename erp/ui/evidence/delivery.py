"""Makes packs in the background: reads, lays out, stores the file by its hash, records it."""

from __future__ import annotations

from django.utils import timezone, translation

from audit import attachments
from audit.models import EvidencePack
from erp.accounts.models import User
from erp.accounts.queries import actor_for, zone_of
from erp.core import clock, outbox
from erp.core.context import Channel, Context
from erp.core.models import OutboxMessage
from erp.ui.evidence import document, progress
from erp.ui.evidence.content import collect
from erp.ui.evidence.operations import TOPIC, fail_pack, store_pack
from erp.ui.evidence.states import PackState

SERVICE = "evidence-service"


@outbox.delivers(TOPIC)
def deliver(message: OutboxMessage) -> None:
    """Make one pack. A pack that is ready is left alone, so a repeated delivery does nothing."""
    pack = EvidencePack.objects.select_related("site__company", "requested_by").get(
        pk=message.payload["pack"]
    )
    if pack.state != PackState.QUEUED:
        return
    try:
        make(pack)
    except Exception as error:
        if message.attempts >= outbox.MAX_ATTEMPTS:
            fail_pack(_service(), pack_id=pack.pk, error=f"{type(error).__name__}: {error}"[:2000])
        raise


def make(pack: EvidencePack) -> EvidencePack:
    """Make the file of a queued pack and record it; it shows what its requester may see."""

    def step(name: str, share: float) -> None:
        progress.report(pack.pk, name, share)

    # Sentences are made while reading, too: all of it in the language and the zone of the pack.
    with translation.override(pack.language), timezone.override(zone_of(pack.site)):
        content = collect(pack, actor_for(pack.requested_by), clock.now(), step)
        step("lay_out", 0.0)
        rendered = document.render(content)
    step("store", 0.0)
    stored = attachments.store([rendered.data])
    return store_pack(
        _service(), pack_id=pack.pk, sha256=stored.sha256, size=stored.size, pages=rendered.pages
    )


def _service() -> Context:
    user = User.objects.get(username=SERVICE)
    return Context(actor=actor_for(user), channel=Channel.TASK)
