"""Reads: who someone is and what they may do."""

from __future__ import annotations

import zoneinfo
from collections import defaultdict
from collections.abc import Iterable

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from erp.accounts.models import RoleAssignment, RolePermission, Site, User
from erp.core.actor import EVERYWHERE, Actor


def actor_for(user: User, *, scopes: frozenset[str] | None = None) -> Actor:
    """Return the actor of a user with everything it may do; three queries whatever the roles."""
    held = list(
        RoleAssignment.objects.filter(user=user, ended_at__isnull=True).values_list(
            "role_id", "site_id", "company_id"
        )
    )
    sites_of = _sites_of_companies({company for _, _, company in held if company})
    per_role: dict[int, set[int | None]] = defaultdict(set)
    for role_id, site_id, company_id in held:
        per_role[role_id] |= sites_of[company_id] if company_id else {site_id}
    grants: dict[str, set[int | None]] = defaultdict(set)
    for role_id, code in RolePermission.objects.filter(role_id__in=per_role).values_list(
        "role_id", "operation"
    ):
        grants[code] |= per_role[role_id]
    return Actor(
        user_id=user.pk,
        username=user.username,
        name=user.name,
        is_service=user.is_service,
        grants={code: frozenset(sites) for code, sites in grants.items()},
        read_sites=frozenset().union(*per_role.values()) if per_role else frozenset(),
        scopes=scopes,
    )


def _sites_of_companies(companies: set[int]) -> dict[int, set[int | None]]:
    found: dict[int, set[int | None]] = defaultdict(set)
    if companies:
        for pk, company_id in Site.objects.filter(company_id__in=companies).values_list(
            "pk", "company_id"
        ):
            found[company_id].add(pk)
    return found


def zone_of(site: Site | None) -> zoneinfo.ZoneInfo:
    """Return the time zone of a site; the installation's where there is no site or no such zone."""
    try:
        return zoneinfo.ZoneInfo(site.timezone if site else settings.TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)


def people_who_may(operation: str, site_ids: Iterable[int]) -> QuerySet[User]:
    """Return the people who may carry out an operation at every one of these sites.

    Without a site, at some site at least, as the door reads it. The same rule as ``actor_for``,
    asked from the other side.
    """
    allowed = RoleAssignment.objects.filter(
        user=OuterRef("pk"), ended_at__isnull=True, role__permissions__operation=operation
    )
    found = User.objects.filter(Exists(allowed), is_active=True, is_service=False)
    for site_id in site_ids:
        everywhere = Q(site__isnull=True, company__isnull=True)
        here = everywhere | Q(site=site_id) | Q(company__sites=site_id)
        found = found.filter(Exists(allowed.filter(here)))
    return found.order_by("name")


def sites_visible_to(actor: Actor) -> QuerySet[Site]:
    """Return the sites whose records the actor may see."""
    if EVERYWHERE in actor.read_sites:
        return Site.objects.all()
    return Site.objects.filter(pk__in=[s for s in actor.read_sites if s is not None])


def site_filter(actor: Actor, path: str = "site") -> Q:
    """Return the filter that keeps only rows whose ``path`` is a site the actor may see."""
    if EVERYWHERE in actor.read_sites:
        return Q()
    return Q(**{f"{path}__in": [s for s in actor.read_sites if s is not None]})


def site_or_own_filter(actor: Actor, *, site: str, own: str) -> Q:
    """Return the filter that keeps rows of visible sites and, beside them, the actor's own rows."""
    if EVERYWHERE in actor.read_sites:
        # An empty filter joined by "or" would vanish and leave only the second half.
        return Q()
    return site_filter(actor, site) | Q(**{own: actor.user_id})
