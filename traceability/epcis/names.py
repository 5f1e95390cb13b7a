"""What things are called outside: the one place that joins identifiers with our records.

A thing has a GS1 identifier where its item has a GTIN, and otherwise an address of our own, which
the standard allows as well (CBV 2.0, 8.2: any URI one is entitled to give). Reading an address of
our own is the reverse; another company's address is never read as ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote

from django.conf import settings

from erp.accounts.models import Site
from erp.masterdata.models import Item, Location, Partner
from traceability.epcis.identifiers import HOST, as_urn, canonical, qualifiers
from traceability.identifiers.models import DeviceIdentifier, Issuer
from traceability.identifiers.queries import carried_by
from traceability.models import Lot

_GTIN = re.compile(r"\d{8}|\d{12,14}", re.ASCII)
_GLN = re.compile(r"\d{13}", re.ASCII)
_SAFE_EXTENSION = re.compile(r"[0-9A-Za-z._-]{1,20}", re.ASCII)
GTIN_LENGTH = 14


def base() -> str:
    """Return the address under which this installation names its own things."""
    return f"{(settings.PUBLIC_URL or 'https://proofline.localhost').rstrip('/')}/id"


@dataclass(frozen=True, slots=True)
class Name:
    """A lot, a unit or a product, as an identifier names it.

    ``gtin`` or ``code`` (of an item of ours) tells the item; with neither lot nor serial the name
    is that of the product. A unit's name may bring its lot along.
    """

    gtin: str = ""
    code: str = ""
    lot: str = ""
    serial: str = ""

    @property
    def tracked(self) -> bool:
        """Tell whether a lot or a unit is named."""
        return bool(self.lot or self.serial)

    @property
    def number(self) -> str:
        """Return the number of the unit, else of the lot."""
        return self.serial or self.lot


_GS1_TEXT = re.compile(r"""[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}""")
"""Character set 82 of the GS1 General Specifications (figure 7.11-1)."""


@lru_cache(maxsize=100_000)
def read(uri: str) -> Name | None:
    """Return what an identifier names, ``None`` where it is neither product, lot nor unit."""
    own = "/item/" in uri and uri.startswith(f"{base()}/item/")
    name = _read_own(uri) if own else _read_web(uri)
    return name if name is not None and _fit(name) else None


def _fit(name: Name) -> bool:
    """Tell whether a lot or unit may be called so.

    GS1 knows 82 characters and at most 20 of them; a number of ours may hold others, but none that
    nobody sees: a look-alike would stand beside the real unit.
    """
    texts = [text for text in (name.lot, name.serial) if text]
    if name.code:
        return all(text.isprintable() and text == text.strip() for text in texts)
    return all(_GS1_TEXT.fullmatch(text) for text in texts)


def _read_web(uri: str) -> Name | None:
    link = canonical(uri)
    if link is None:
        return _read_loose(uri)
    parts = qualifiers(link)
    if "01" not in parts or "235" in parts:
        return None
    # The canonical form of a unit leaves its lot out; the identifier as given may tell it.
    told = qualifiers(uri) if uri.startswith("http") else parts
    lot = told.get("10", "") or parts.get("10", "")
    return Name(gtin=parts["01"], lot=lot, serial=parts.get("21", ""))


def _read_loose(uri: str) -> Name | None:
    """Digital Links with characters that have to be escaped have no canonical form."""
    parts = qualifiers(uri)
    gtin = parts.get("01", "")
    if not _GTIN.fullmatch(gtin):
        return None
    return Name(gtin.zfill(GTIN_LENGTH), "", parts.get("10", ""), parts.get("21", ""))


def _read_own(uri: str) -> Name | None:
    words = [unquote(w) for w in uri.removeprefix(f"{base()}/item/").split("/")]
    if len(words) % 2 == 0:
        return None
    told = dict(zip(words[1::2], words[2::2], strict=True))
    if set(told) - {"lot", "serial"}:
        return None
    return Name(code=words[0], lot=told.get("lot", ""), serial=told.get("serial", ""))


def items_of(names: Iterable[Name]) -> dict[Name, Item]:
    """Return the items these names are of, those that are known; two queries.

    A withdrawn identifier names its item still: goods that bear it exist.
    """
    wanted = set(names)
    gtins = {n.gtin for n in wanted if n.gtin}
    registered = DeviceIdentifier.objects.filter(issuer=Issuer.GS1, di__in=gtins)
    by_gtin = {row.di: row.item for row in registered.select_related("item")}
    by_code = {i.code: i for i in Item.objects.filter(code__in={n.code for n in wanted if n.code})}
    found = {n: by_gtin.get(n.gtin) if n.gtin else by_code.get(n.code) for n in wanted}
    return {n: item for n, item in found.items() if item is not None}


def gtins_of(lots: Iterable[Lot]) -> dict[int, str]:
    """Return the GTIN on the label of each lot that has one, by lot id; one query."""
    carried = carried_by({lot.pk: lot for lot in lots}.values())
    return {pk: row.di for pk, row in carried.items() if row.issuer == Issuer.GS1}


def thing_uri(gtin: str, item: Item, number: str, *, serial: bool) -> str:
    """Return the identifier of a lot or of a unit."""
    if gtin:
        return f"{HOST}/01/{gtin}/{'21' if serial else '10'}/{_escaped(number)}"
    own = f"{base()}/item/{_escaped(item.code)}"
    return f"{own}/{'serial' if serial else 'lot'}/{_escaped(number)}"


def _escaped(text: str) -> str:
    return quote(text, safe="'-._;=")


def site_uri(site: Site) -> str:
    """Return the identifier of a site: its GLN where it has one."""
    if _GLN.fullmatch(site.gln):
        return f"{HOST}/414/{site.gln}"
    return f"{base()}/site/{_escaped(site.code)}"


def place_uri(location: Location) -> str:
    """Return the identifier of a place within its site."""
    start = site_uri(location.site)
    if start.startswith(HOST) and _SAFE_EXTENSION.fullmatch(location.code):
        return f"{start}/254/{location.code}"
    return f"{base()}/site/{_escaped(location.site.code)}/place/{_escaped(location.code)}"


def partner_uri(partner: Partner) -> str:
    """Return the identifier of another company, as we name it."""
    return f"{base()}/partner/{_escaped(partner.code)}"


def company_uri(site: Site) -> str:
    """Return the identifier of the company a site belongs to."""
    return f"{base()}/company/{_escaped(site.company.code)}"


def record_uri(kind: str, number: str) -> str:
    """Return the identifier of a business record: an order, a shipment."""
    return f"{base()}/{kind}/{_escaped(number)}"


def word_uri(field: str, word: str) -> str:
    """Return the identifier of a word of ours that the standard vocabulary does not have."""
    return f"{base()}/voc/{field}/{_escaped(word)}"


def own_word(field: str, value: str) -> str:
    """Return the word behind such an identifier; anything else as it is."""
    if "/voc/" not in value and "%" not in value:
        return value
    return unquote(value.removeprefix(f"{base()}/voc/{field}/"))


def places_of(uris: Iterable[str], sites: Mapping[str, int]) -> dict[str, Location]:
    """Return the places of ours that these identifiers name; one query."""
    codes: dict[str, str] = {}
    for uri in uris:
        start, _, code = uri.rpartition("/254/") if "/254/" in uri else uri.rpartition("/place/")
        if start:
            codes[unquote(code)] = uri
    rows = Location.objects.filter(code__in=codes).select_related("site")
    return {codes[row.code]: row for row in rows if place_uri(row) == codes[row.code]}


def in_format(uri: str, epc_format: str) -> str:
    """Return an identifier in the form a caller wants (header ``GS1-EPC-Format``)."""
    if epc_format == "Always_GS1_Digital_Link":
        return canonical(uri) or uri if uri.startswith("urn:epc:") else uri
    return as_urn(uri, prefix_length) if epc_format == "Always_EPC_URN" else uri


def prefix_length(key: str) -> int | None:
    """Return how many digits of a key are the company prefix, where it is one of ours."""
    found = [p for p in settings.GS1_COMPANY_PREFIXES if key.startswith(p)]
    return max(map(len, found)) if found else None
