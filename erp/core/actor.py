"""Who acts: a person or a named service account, never nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

EVERYWHERE = None
"""In a grant, the site id ``None`` means every site."""

SiteScope = frozenset[int | None]


@dataclass(frozen=True, slots=True)
class Actor:
    """An identity with what it may do, taken once per request.

    ``grants`` maps an operation code to the ids of the sites where it is held; ``None`` among them
    means everywhere. ``read_sites`` are the sites whose records the actor may see. ``scopes``, when
    not ``None``, is the further restriction of the API token that was used.
    """

    user_id: int
    username: str
    name: str
    is_service: bool = False
    grants: Mapping[str, SiteScope] = field(default_factory=dict)
    read_sites: SiteScope = frozenset()
    scopes: frozenset[str] | None = None

    @property
    def sees_everything(self) -> bool:
        """Tell whether reads are unfiltered."""
        return EVERYWHERE in self.read_sites

    def sees_site(self, site_id: int) -> bool:
        """Tell whether the records of a site are among what this person reads."""
        return self.sees_everything or site_id in self.read_sites

    def may(self, code: str, site_id: int | None = None) -> bool:
        """Tell whether ``code`` is held at ``site_id`` (``None``: held at any site)."""
        if self.scopes is not None and code not in self.scopes:
            return False
        held = self.grants.get(code)
        if not held:
            return False
        return site_id is None or EVERYWHERE in held or site_id in held
