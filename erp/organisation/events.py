"""What this app tells the higher ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SiteRegistered:
    """A site was registered; master data gives it its virtual places."""

    site_id: int
    code: str


@dataclass(frozen=True, slots=True)
class PersonDeactivated:
    """A person left; whoever keeps work for people passes it on."""

    user_id: int
