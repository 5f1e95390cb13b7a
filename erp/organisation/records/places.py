"""Companies and sites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from erp.accounts.models import Company, Site
from erp.accounts.queries import sites_visible_to
from erp.core.actor import Actor
from erp.ui.page import Column, Fact, Link, Row, Section, Table
from erp.ui.records import ColumnSpec, RecordKind, View, register, url_of


def _sites(actor: Actor) -> QuerySet[Site]:
    return sites_visible_to(actor).select_related("company")


def _companies(actor: Actor) -> QuerySet[Company]:
    if actor.sees_everything:
        return Company.objects.all()
    return Company.objects.filter(pk__in=sites_visible_to(actor).values("company"))


def _site_facts(view: View) -> Sequence[Fact]:
    site: Site = view.record
    return [
        Fact(_("Company"), Link(str(site.company), url_of(site.company))),
        Fact(_("Address"), site.address or None),
        Fact(_("Country"), site.country),
        Fact(_("Time zone"), site.timezone),
        Fact(_("GLN"), Link(site.gln, mono=True) if site.gln else None),
    ]


def _company_facts(view: View) -> Sequence[Fact]:
    company: Company = view.record
    return [
        Fact(_("Chinese name"), company.name_zh or None),
        Fact(_("Address"), company.address or None),
        Fact(_("Country"), company.country),
        Fact(
            _("Single registration number"), Link(company.srn, mono=True) if company.srn else None
        ),
    ]


def _company_sites(view: View) -> Section:
    columns = [
        Column("code", _("Code"), "mono"),
        Column("name", _("Name")),
        Column("country", _("Country")),
    ]
    sites = _sites(view.actor).filter(company=view.record).order_by("code")
    rows = [
        Row([Link(s.code, url_of(s), mono=True), s.name, s.country], url=url_of(s)) for s in sites
    ]
    return Section(
        "sites", _("Sites"), table=Table(columns, rows, empty=_("No site was registered yet."))
    )


def _site_api(site: Site) -> Mapping[str, Any]:
    return {
        "code": site.code,
        "name": site.name,
        "company": site.company.code,
        "country": site.country,
        "timezone": site.timezone,
        "gln": site.gln or None,
    }


def _company_api(company: Company) -> Mapping[str, Any]:
    return {
        "code": company.code,
        "name": company.name,
        "name_zh": company.name_zh,
        "country": company.country,
        "srn": company.srn or None,
    }


SITES = register(
    RecordKind(
        model="accounts.Site",
        noun="sites",
        nav="masterdata",
        icon="building-factory-2",
        label=_("Site"),
        plural=_("Sites"),
        rows=_sites,
        columns=[
            ColumnSpec("code", _("Code"), lambda s: s.code, "mono", sort="code"),
            ColumnSpec("name", _("Name"), lambda s: s.name, sort="name"),
            ColumnSpec("company", _("Company"), lambda s: str(s.company)),
            ColumnSpec("country", _("Country"), lambda s: s.country, sort="country"),
        ],
        api=_site_api,
        number=lambda s: s.code,
        title=lambda s: s.name,
        facts=_site_facts,
        search=("code", "name"),
        scan=("code", "gln"),
        order="code",
        empty=_("No site was registered yet."),
    )
)

COMPANIES = register(
    RecordKind(
        model="accounts.Company",
        noun="companies",
        nav="masterdata",
        icon="building",
        label=_("Company"),
        plural=_("Companies"),
        rows=_companies,
        columns=[
            ColumnSpec("code", _("Code"), lambda c: c.code, "mono", sort="code"),
            ColumnSpec("name", _("Name"), lambda c: c.name, sort="name"),
            ColumnSpec("country", _("Country"), lambda c: c.country, sort="country"),
        ],
        api=_company_api,
        number=lambda c: c.code,
        title=lambda c: c.name,
        facts=_company_facts,
        sections=(_company_sites,),
        search=("code", "name", "name_zh"),
        order="code",
        empty=_("No company was registered yet."),
    )
)
