"""GS1 Digital Link: the elements of an item as a web address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote_to_bytes

from traceability.udi.gs1.dictionary import AIS
from traceability.udi.gs1.elements import check
from traceability.udi.gs1.message import GTIN
from traceability.udi.reading import Element
from traceability.udi.terms import Terms, Tolerance

SCHEMES = ("https://", "http://", "HTTPS://", "HTTP://")
NOT_IN_URI = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]")
NOT_IN_DOMAIN = re.compile(r"[_~?#@!$&'()*+,;=%]")
SHORT_GTINS = {8, 12, 13}
ALPHAS = {
    "cpid": "8010",
    "cpsn": "8011",
    "cpv": "22",
    "gcn": "255",
    "gdti": "253",
    "giai": "8004",
    "ginc": "401",
    "gln": "414",
    "glnx": "254",
    "gmn": "8013",
    "grai": "8003",
    "gsin": "402",
    "gsrn": "8018",
    "gsrnp": "8017",
    "gtin": "01",
    "itip": "8006",
    "lot": "10",
    "party": "417",
    "refno": "8020",
    "ser": "21",
    "srin": "8019",
    "sscc": "00",
}

Pair = tuple[str, str, int]
"""An identifier, its value as written, and where the value stands."""


def read_link(text: str, terms: Terms) -> list[Element]:
    """Read a digital link: the path names the key and its qualifiers, the query the rest.

    What stands before the key in the path belongs to the web server, as do parameters that are no
    numbers, and the fragment.
    """
    bad = NOT_IN_URI.search(text)
    if bad:
        terms.refuse("uri_character", bad.start(), bad[0])
    scheme = next((s for s in SCHEMES if text.startswith(s)), None)
    if scheme is None:
        terms.refuse("uri_scheme", 0, text.partition("/")[0])
    path_at = text.find("/", len(scheme))
    domain = text[len(scheme) : path_at if path_at >= 0 else len(text)]
    bad = NOT_IN_DOMAIN.search(domain)
    if bad:
        terms.refuse("uri_domain", len(scheme) + bad.start(), bad[0])
    if path_at < 0 or not domain:
        terms.refuse("uri_path", len(text))
    address, _, _ = text.partition("#")
    path, mark, query = address[path_at:].partition("?")
    pairs = _path_pairs(path, path_at, terms)
    elements = [_element(pair, terms) for pair in pairs]
    sequence = tuple(pair[0] for pair in pairs[1:])
    if sequence not in AIS[pairs[0][0]].qualifiers:
        terms.refuse("uri_sequence", pairs[0][2], "/".join(sequence), ai=pairs[0][0])
    if mark:
        extra = _query_pairs(query, path_at + len(path) + 1, terms)
        _attributes(pairs, extra, terms)
        elements += [_element(pair, terms, query=True) for pair in extra]
    return elements


def _path_pairs(path: str, path_at: int, terms: Terms) -> list[Pair]:
    """Return key and qualifiers: pairs from the right, up to the first that is a key."""
    pieces = path.split("/")
    at = path_at + len(path)
    pairs: list[Pair] = []
    while len(pieces) > 2:  # noqa: PLR2004 - the piece before the first slash, and a pair
        value, code = pieces.pop(), pieces.pop()
        at -= len(value)
        ai = _identifier(code, at, terms)
        if ai is None:
            break
        if not value:
            terms.refuse("value_missing", at, ai=ai)
        pairs.insert(0, (ai, value, at))
        if AIS[ai].key:
            return pairs
        at -= len(code) + 2
    return terms.refuse("uri_no_key", path_at, path[:40])


def _identifier(code: str, at: int, terms: Terms) -> str | None:
    if code in AIS:
        return code
    if code in ALPHAS and Tolerance.ALPHA in terms.permits:
        terms.doubt(Tolerance.ALPHA, "uri_alpha", at - len(code) - 1, code, ai=ALPHAS[code])
        return ALPHAS[code]
    return None


def _query_pairs(query: str, at: int, terms: Terms) -> list[Pair]:
    pairs: list[Pair] = []
    for parameter in query.split("&"):
        code, equals, value = parameter.partition("=")
        if equals and code in AIS:
            if not value:
                terms.refuse("value_missing", at + len(code) + 1, ai=code)
            pairs.append((code, value, at + len(code) + 1))
        elif equals and code.isdigit():
            terms.doubt(Tolerance.UNKNOWN, "uri_parameter", at, code)
        at += len(parameter) + 1
    return pairs


def _attributes(pairs: Sequence[Pair], extra: Sequence[Pair], terms: Terms) -> None:
    """Refuse what is there twice, what may not stand in a query, and what belongs in the path."""
    key, sequence = pairs[0][0], [pair[0] for pair in pairs[1:]]
    seen = {key, *sequence}
    for code, value, at in extra:
        if code in seen:
            terms.refuse("uri_twice", at, value, ai=code)
        seen.add(code)
        places = range(len(sequence) + 1)
        fits = any((*sequence[:n], code, *sequence[n:]) in AIS[key].qualifiers for n in places)
        if fits:
            terms.doubt(Tolerance.PLACE, "uri_place", at, value, ai=code)
        elif not AIS[code].attribute:
            terms.refuse("uri_attribute", at, value, ai=code)


def _element(pair: Pair, terms: Terms, *, query: bool = False) -> Element:
    code, written, at = pair
    value = _plain(written, query=query) if "%" in written or "+" in written else written
    if "\0" in value:
        terms.refuse("uri_null", at, written, ai=code)
    if code == "01" and len(value) in SHORT_GTINS:
        terms.warn("gtin_padded", at, value)
        value = value.zfill(GTIN)
    ai = AIS[code]
    check(ai, value, at, terms)
    return Element(code, value, at, ai.title)


def _plain(written: str, *, query: bool) -> str:
    """Return a value without percent encoding; ``+`` is a space only in a query."""
    text = written.replace("+", " ") if query else written
    return unquote_to_bytes(text).decode("latin-1")
