"""GS1 identifiers in their two forms: EPC URN and GS1 Digital Link. Pure functions.

One form is canonical: the Digital Link at ``id.gs1.org``, at the finest level, without attributes
(CBV 2.0, rules of the event hash id). Everything that is compared is compared in it, so that a
partner who writes URNs and one who writes Digital Links name the same unit.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import unquote

from traceability.udi.check_digits import mod10

HOST = "https://id.gs1.org"

_PREFIX = re.compile(r"\d{6,12}", re.ASCII)
_SERIAL = re.compile(r"(?:%[0-9A-Fa-f]{2}|[!')(*+,.0-9:;=A-Za-z_-])+", re.ASCII)
_ENCODED = str.maketrans(
    {"!": "%21", "(": "%28", ")": "%29", "*": "%2A", "+": "%2B", ",": "%2C", ":": "%3A"}
)
_GTIN_WITHOUT_CHECK, _GLN_WITHOUT_CHECK, _SSCC_WITHOUT_CHECK, _GSIN_WITHOUT_CHECK = 13, 12, 17, 16
_GTIN_LENGTH = 14


def _key(prefix: str, reference: str, length: int) -> str:
    """Return company prefix and reference as one number, or raise where the length is wrong."""
    digits = prefix + reference
    if not _PREFIX.fullmatch(prefix) or len(digits) != length or not digits.isdecimal():
        raise ValueError(digits)
    return digits


def _checked(prefix: str, reference: str, length: int) -> str:
    digits = _key(prefix, reference, length)
    return digits + mod10(digits)


def _gtin(prefix: str, reference: str) -> str:
    """The first digit of the item reference is the indicator, which leads the GTIN."""
    _key(prefix, reference, _GTIN_WITHOUT_CHECK)
    digits = reference[0] + prefix + reference[1:]
    return digits + mod10(digits)


def _text(serial: str, most: int) -> str:
    if len(unquote(serial)) > most or not _SERIAL.fullmatch(serial):
        raise ValueError(serial)
    return serial.translate(_ENCODED)


def _sgtin(p: str, r: str, serial: str) -> str:
    return f"/01/{_gtin(p, r)}/21/{_text(serial, 20)}"


def _lgtin(p: str, r: str, lot: str) -> str:
    return f"/01/{_gtin(p, r)}/10/{_text(lot, 20)}"


def _upui(p: str, r: str, serial: str) -> str:
    return f"/01/{_gtin(p, r)}/235/{_text(serial, 28)}"


def _sscc(p: str, r: str) -> str:
    _key(p, r, _SSCC_WITHOUT_CHECK)
    digits = r[0] + p + r[1:]
    return f"/00/{digits}{mod10(digits)}"


def _sgln(p: str, r: str, extension: str) -> str:
    gln = _checked(p, r, _GLN_WITHOUT_CHECK)
    return f"/414/{gln}" + ("" if extension == "0" else f"/254/{_text(extension, 20)}")


def _gln(ai: str) -> Callable[[str, str], str]:
    return lambda p, r: f"/{ai}/{_checked(p, r, _GLN_WITHOUT_CHECK)}"


def _numbered(ai: str, lead: str, most: int) -> Callable[[str, str, str], str]:
    """Keys of 13 digits with a serial right behind: GRAI, GDTI, GCN."""

    def build(p: str, r: str, serial: str) -> str:
        digits = lead + _key(p, r, _GLN_WITHOUT_CHECK)
        tail = "" if serial == "*" else _text(serial, most)
        return f"/{ai}/{digits}{mod10(digits)}{tail}"

    return build


def _free(ai: str) -> Callable[[str, str], str]:
    """Keys of company prefix and free text: GIAI, GINC."""

    def build(p: str, r: str) -> str:
        if not _PREFIX.fullmatch(p):
            raise ValueError(p)
        return f"/{ai}/{p}{_text(r, 30 - len(p))}"

    return build


def _service(ai: str, length: int) -> Callable[[str, str], str]:
    return lambda p, r: f"/{ai}/{_checked(p, r, length)}"


def _cpi(p: str, r: str, serial: str) -> str:
    if not _PREFIX.fullmatch(p):
        raise ValueError(p)
    tail = "" if serial == "*" else f"/8011/{serial}"
    return f"/8010/{p}{_text(r, 30 - len(p))}{tail}"


def _itip(p: str, r: str, piece: str, rest: str) -> str:
    total, _, serial = rest.partition(".")
    tail = "" if serial == "*" else f"/21/{_text(serial, 20)}"
    return f"/8006/{_gtin(p, r)}{piece}{total}{tail}"


def _any_of_item(p: str, r: str, star: str) -> str:
    if star != "*":
        raise ValueError(star)
    return f"/01/{_gtin(p, r)}"


_URNS: dict[str, tuple[int, Callable[..., str]]] = {
    "id:sgtin": (3, _sgtin),
    "id:upui": (3, _upui),
    "id:sscc": (2, _sscc),
    "id:sgln": (3, _sgln),
    "id:pgln": (2, _gln("417")),
    "id:grai": (3, _numbered("8003", "0", 16)),
    "id:gdti": (3, _numbered("253", "", 20)),
    "id:sgcn": (3, _numbered("255", "", 12)),
    "id:giai": (2, _free("8004")),
    "id:ginc": (2, _free("401")),
    "id:gsin": (2, _service("402", _GSIN_WITHOUT_CHECK)),
    "id:gsrn": (2, _service("8018", _SSCC_WITHOUT_CHECK)),
    "id:gsrnp": (2, _service("8017", _SSCC_WITHOUT_CHECK)),
    "id:cpi": (3, _cpi),
    "id:itip": (4, _itip),
    "class:lgtin": (3, _lgtin),
    "idpat:sgtin": (3, _any_of_item),
    "idpat:upui": (3, _any_of_item),
    "idpat:grai": (3, _numbered("8003", "0", 16)),
    "idpat:gdti": (3, _numbered("253", "", 20)),
    "idpat:sgcn": (3, _numbered("255", "", 12)),
    "idpat:cpi": (3, _cpi),
    "idpat:itip": (4, _itip),
}
"""Scheme to the number of its parts and what makes the path of the Digital Link of them."""

_SHORT_NAMES = {
    "gtin": "01", "itip": "8006", "cpid": "8010", "gln": "414", "party": "417", "gsrnp": "8017",
    "gsrn": "8018", "gcn": "255", "sscc": "00", "gdti": "253", "ginc": "401", "gsin": "402",
    "grai": "8003", "giai": "8004", "cpv": "22", "lot": "10", "ser": "21",
}  # fmt: skip
_KEYS = ("00", "01", "253", "255", "401", "402", "414", "417", "8003", "8004", "8006", "8010",
         "8017", "8018")  # fmt: skip
_C20 = r"[\x22\x27\x2D\x2E\x30-\x39\x3B-\x3F\x41-\x5A\x5F\x61-\x7A]"
_VALID = re.compile(
    rf"/00/\d{{18}}|/01/\d{{14}}(?:/(?:21|10)/{_C20}{{0,20}}|/235/{_C20}{{0,28}})?"
    rf"|/253/\d{{13}}{_C20}{{0,17}}|/255/\d{{13}}\d{{0,12}}|/401/{_C20}{{0,30}}|/402/\d{{17}}"
    rf"|/414/\d{{13}}(?:/254/{_C20}{{0,20}})?|/417/\d{{13}}|/8003/\d{{14}}{_C20}{{0,16}}"
    rf"|/8004/{_C20}{{0,30}}|/8006/\d{{18}}(?:/(?:21|10)/{_C20}{{0,20}})?"
    r"|/8010/[\x23\x2D\x30-\x39\x41-\x5A]{0,30}(?:/8011/\d{0,12})?|/801[78]/\d{18}",
    re.ASCII,
)
_WEB = re.compile(r"https?://[^?#]*?/([0-9a-z]{2,5})/(?=\d{4})")


@lru_cache(maxsize=100_000)
def canonical(uri: str) -> str | None:
    """Return the canonical Digital Link of a GS1 identifier, ``None`` for any other text."""
    if uri.startswith("urn:epc:"):
        return _of_urn(uri[8:])
    return _of_link(uri) if uri.startswith(("http://", "https://")) else None


def comparable(uri: str) -> str:
    """Return what an identifier is compared by: its canonical form, or the text as it is."""
    return canonical(uri) or uri


def _of_urn(rest: str) -> str | None:
    kind, _, rest = rest.partition(":")
    scheme, _, rest = rest.partition(":")
    parts, build = _URNS.get(f"{kind}:{scheme}", (0, None))
    if build is None:
        return None
    # A serial may hold points itself; the parts before it cannot.
    values = rest.rsplit(".", 2) if scheme == "cpi" else rest.split(".", parts - 1)
    if len(values) != parts:
        return None
    try:
        return HOST + build(*values)
    except (ValueError, IndexError):
        return None


def _of_link(uri: str) -> str | None:
    found = _WEB.match(uri)
    if found is None or "." not in uri:
        return None
    words = uri[found.start(1) :].partition("?")[0].partition("#")[0].rstrip("/").split("/")
    words = [_SHORT_NAMES.get(w, w) if i % 2 == 0 else w for i, w in enumerate(words)]
    if words[0] not in _KEYS:
        return None
    if words[0] == "01":
        words[1] = words[1].zfill(_GTIN_LENGTH)
    path = "".join(f"/{w}" for w in _finest(words))
    return HOST + path if _VALID.fullmatch(path) else None


def _finest(words: list[str]) -> list[str]:
    """Leave out the consumer product variant, and the lot where the unit is named."""
    pairs = [(words[i], words[i + 1]) for i in range(0, len(words) - 1, 2)]
    names = {ai for ai, _value in pairs}
    drop = {"22"} | ({"10"} if "21" in names and words[0] in {"01", "8006"} else set())
    kept = [w for ai, value in pairs if ai not in drop for w in (ai, value)]
    return kept if len(words) % 2 == 0 else words


def qualifiers(uri: str) -> dict[str, str]:
    """Return the application identifiers in the path of a Digital Link, lot and all."""
    found = _WEB.match(uri)
    if found is None:
        return {}
    words = uri[found.start(1) :].partition("?")[0].partition("#")[0].rstrip("/").split("/")
    pairs = zip(words[::2], words[1::2], strict=False)
    return {_SHORT_NAMES.get(ai, ai): unquote(value) for ai, value in pairs}


def as_urn(uri: str, prefix_length: Callable[[str], int | None]) -> str:
    """Return the EPC URN of a Digital Link, or the link as it is.

    ``prefix_length`` tells how many digits of a key are the company prefix; a key alone does not
    say, so links of companies we know nothing of stay links.
    """
    link = canonical(uri)
    if link is None or uri.startswith("urn:"):
        return uri
    words = link.removeprefix(HOST).strip("/").split("/")
    build = _LINKS.get((words[0], words[2] if len(words) > 2 else ""))  # noqa: PLR2004
    start = 1 if words[0] in {"01", "00"} else 0
    length = prefix_length(words[1][start:])
    if build is None or length is None:
        return uri
    return build(words[1], words[3] if len(words) > 3 else "", length)  # noqa: PLR2004


def _item_parts(gtin: str, length: int) -> str:
    return f"{gtin[1 : 1 + length]}.{gtin[0]}{gtin[1 + length : -1]}"


_LINKS: dict[tuple[str, str], Callable[[str, str, int], str]] = {
    ("01", "21"): lambda k, s, n: f"urn:epc:id:sgtin:{_item_parts(k, n)}.{_urn_text(s)}",
    ("01", "10"): lambda k, s, n: f"urn:epc:class:lgtin:{_item_parts(k, n)}.{_urn_text(s)}",
    ("01", ""): lambda k, s, n: f"urn:epc:idpat:sgtin:{_item_parts(k, n)}.*",
    ("00", ""): lambda k, s, n: f"urn:epc:id:sscc:{k[1 : 1 + n]}.{k[0]}{k[1 + n : -1]}",
    ("414", ""): lambda k, s, n: f"urn:epc:id:sgln:{k[:n]}.{k[n:-1]}.0",
    ("414", "254"): lambda k, s, n: f"urn:epc:id:sgln:{k[:n]}.{k[n:-1]}.{_urn_text(s)}",
    ("417", ""): lambda k, s, n: f"urn:epc:id:pgln:{k[:n]}.{k[n:-1]}",
}


def _urn_text(text: str) -> str:
    """Only these characters are escaped in a URN (EPC Tag Data Standard)."""
    escaped = {'"': "%22", "%": "%25", "&": "%26", "/": "%2F", "<": "%3C", ">": "%3E", "?": "%3F"}
    return "".join(escaped.get(c, c) for c in unquote(text))
