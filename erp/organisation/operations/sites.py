"""The organisation: companies and their sites."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from erp.accounts.models import Company, Site
from erp.core.context import Context
from erp.operations import operation
from erp.organisation import inputs
from erp.organisation.errors import CodeTaken
from erp.organisation.events import SiteRegistered


@operation(
    "organisation.register_company",
    title=_("Register company"),
    sentence=_("A legal entity that owns sites and holds registrations."),
    noun="companies",
    verb="register",
    creates="accounts.Company",
    input=inputs.RegisterCompany,
)
def register_company(ctx: Context, /, *, code: str, **known: Any) -> Company:
    """Make a company."""
    if Company.objects.filter(code__iexact=code).exists():
        raise CodeTaken(value=code)
    return Company.objects.create(code=code, **known)


@operation(
    "organisation.register_site",
    title=_("Register site"),
    sentence=_("A plant or warehouse where people work and goods lie."),
    noun="sites",
    verb="register",
    creates="accounts.Site",
    input=inputs.RegisterSite,
)
def register_site(ctx: Context, /, *, code: str, **known: Any) -> Site:
    """Make a site and tell the higher apps, who give it what a site needs."""
    if Site.objects.filter(code__iexact=code).exists():
        raise CodeTaken(value=code)
    site = Site.objects.create(code=code, **known)
    ctx.emit(SiteRegistered(site.pk, site.code))
    return site
