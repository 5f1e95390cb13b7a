"""The checks that GS1's dictionary names beside the components of a value.

Each takes the component and the present year, and returns what is wrong and where, or ``None``.
They follow the reference tests of the GS1 Barcode Syntax Dictionary. Characters and lengths have
been checked before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import NamedTuple

from traceability.udi.check_digits import mod10
from traceability.udi.dates import LAST_HOUR, LAST_MINUTE, LAST_MONTH, days_of, full_year
from traceability.udi.gs1.code_lists import (
    COUNTRIES,
    COUNTRY_LETTERS,
    CURRENCIES,
    MEDIA_TYPES,
    PACKAGE_TYPES,
)
from traceability.udi.gs1.coupons import coupon, positive_offer


class Fault(NamedTuple):
    """What is wrong with a component: the fault, where in it, and what should stand there."""

    fault: str
    at: int = 0
    wanted: str = ""


Check = Callable[[str, int], Fault | None]

PREFIX = 4
"""No GS1 company prefix is shorter."""
CSET32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CSET82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
WEIGHT82 = {character: weight for weight, character in enumerate(CSET82)}
PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)
MODULUS = 1021
PAIR = 2
IBAN_LEAST, IBAN_MOST, IBAN_MODULUS = 11, 34, 97
LATITUDE, LONGITUDE = 1_800_000_000, 3_600_000_000
PADDING = re.compile(r"=*$")
BLOCK = 3


def check_pair(text: str) -> str:
    """Return the two check characters of a GMN or MUDI-DI (modulo 1021, in CSET 32)."""
    total = (
        sum(WEIGHT82[c] * prime for c, prime in zip(reversed(text), PRIMES, strict=False)) % MODULUS
    )
    return CSET32[total >> 5] + CSET32[total & 31]


def _csum(value: str, year: int) -> Fault | None:
    wanted = mod10(value[:-1])
    return None if value[-1] == wanted else Fault("check_digit", len(value) - 1, wanted)


def _csumalpha(value: str, year: int) -> Fault | None:
    if len(value) < PAIR:
        return Fault("check_pair_missing")
    wanted = check_pair(value[:-2])
    return None if value[-2:] == wanted else Fault("check_pair", len(value) - 2, wanted)


def _gcppos1(value: str, year: int) -> Fault | None:
    if len(value) < PREFIX:
        return Fault("prefix_short")
    bad = next((i for i, c in enumerate(value[:PREFIX]) if not c.isdigit()), None)
    return None if bad is None else Fault("prefix", bad)


def _gcppos2(value: str, year: int) -> Fault | None:
    found = _gcppos1(value[1:], year)
    return found and Fault(found.fault, found.at + 1)


def _yymmdd(value: str, year: int) -> Fault | None:
    fault = _yymmd0(value, year)
    return fault or (Fault("day", 4) if value[4:6] == "00" else None)


def _yymmd0(value: str, year: int) -> Fault | None:
    month = int(value[2:4])
    if not 1 <= month <= LAST_MONTH:
        return Fault("month", 2)
    day = int(value[4:6])
    if day > 28 and day > days_of(full_year(int(value[:2]), year), month):  # noqa: PLR2004
        return Fault("day", 4)
    return None


def _yyyymmdd(value: str, year: int) -> Fault | None:
    month, day = int(value[4:6]), int(value[6:8])
    if not 1 <= month <= LAST_MONTH:
        return Fault("month", 4)
    # The year 0 exists in the format and not in the calendar; it is a leap year of Gregory's rule.
    return None if 1 <= day <= days_of(int(value[:4]) or 400, month) else Fault("day", 6)


def _hh(value: str, year: int) -> Fault | None:
    return Fault("hour") if int(value) > LAST_HOUR else None


def _mi(value: str, year: int) -> Fault | None:
    return Fault("minute") if int(value) > LAST_MINUTE else None


def _ss(value: str, year: int) -> Fault | None:
    return Fault("second") if int(value) > LAST_MINUTE else None


def _hhmi(value: str, year: int) -> Fault | None:
    return _hh(value[:2], year) or (Fault("minute", 2) if int(value[2:]) > LAST_MINUTE else None)


def _one_of(codes: Collection[str], fault: str) -> Check:
    def check(value: str, year: int) -> Fault | None:
        return None if value in codes else Fault(fault)

    return check


def _iban(value: str, year: int) -> Fault | None:
    if value[:2] not in COUNTRY_LETTERS:
        return Fault("iban_country")
    if not IBAN_LEAST <= len(value) <= IBAN_MOST:
        return Fault("iban_length")
    bad = re.search(r"[^0-9A-Z]", value)
    if bad:
        return Fault("iban_character", bad.start())
    number = "".join(str(int(c, 36)) for c in value[4:] + value[:4])
    return None if int(number) % IBAN_MODULUS == 1 else Fault("iban_check", 2)


def _importeridx(value: str, year: int) -> Fault | None:
    return None if re.fullmatch(r"[-0-9A-Z_a-z]", value) else Fault("importer_index")


def _nonzero(value: str, year: int) -> Fault | None:
    return None if value.strip("0") else Fault("zero_value")


def _zero(value: str, year: int) -> Fault | None:
    return Fault("not_zero") if value.strip("0") else None


def _nozeroprefix(value: str, year: int) -> Fault | None:
    return Fault("leading_zero") if value.startswith("0") else None


def _hasnondigit(value: str, year: int) -> Fault | None:
    return Fault("only_digits") if value.isdigit() else None


def _hyphen(value: str, year: int) -> Fault | None:
    return Fault("hyphen") if value.strip("-") else None


def _at_most(limit: int, fault: str) -> Check:
    def check(value: str, year: int) -> Fault | None:
        return Fault(fault) if int(value) > limit else None

    return check


def _pcenc(value: str, year: int) -> Fault | None:
    bad = re.search(r"%(?![0-9A-Fa-f]{2})", value)
    return Fault("percent", bad.start()) if bad else None


def _pieceoftotal(value: str, year: int) -> Fault | None:
    half = len(value) // 2
    piece, total = int(value[:half]), int(value[half:])
    if not piece:
        return Fault("piece_zero")
    if not total:
        return Fault("total_zero", half)
    return Fault("piece_of_total") if piece > total else None


def _posinseqslash(value: str, year: int) -> Fault | None:
    found = re.fullmatch(r"(\d+)/(\d+)", value)
    if found is None:
        return Fault("position_form")
    for number in (1, 2):
        if found[number].startswith("0"):
            return Fault("leading_zero", found.start(number))
    return Fault("position_end") if int(found[1]) > int(found[2]) else None


def _cset64(value: str, year: int) -> Fault | None:
    bare = value.rstrip("=")
    pads = len(value) - len(bare)
    if pads > 2 or (pads and len(value) % BLOCK):  # noqa: PLR2004 - base 64 pads with one or two
        return Fault("padding", len(bare))
    return Fault("padding", bare.index("=")) if "=" in bare else None


def _coupon(value: str, year: int) -> Fault | None:
    return _described(coupon(value, year))


def _offer(value: str, year: int) -> Fault | None:
    return _described(positive_offer(value))


def _described(found: tuple[str, int, str] | None) -> Fault | None:
    return Fault(*found) if found else None


CHECKS: dict[str, Check] = {
    "couponcode": _coupon,
    "couponposoffer": _offer,
    "cset64": _cset64,
    "csum": _csum,
    "csumalpha": _csumalpha,
    "gcppos1": _gcppos1,
    "gcppos2": _gcppos2,
    "hasnondigit": _hasnondigit,
    "hh": _hh,
    "hhmi": _hhmi,
    "hyphen": _hyphen,
    "iban": _iban,
    "importeridx": _importeridx,
    "iso3166": _one_of(COUNTRIES, "country"),
    "iso3166999": _one_of(COUNTRIES | {"999"}, "country_or_999"),
    "iso3166alpha2": _one_of(COUNTRY_LETTERS, "country_letters"),
    "iso4217": _one_of(CURRENCIES, "currency"),
    "iso5218": _one_of("0129", "sex"),
    "latitude": _at_most(LATITUDE, "latitude"),
    "longitude": _at_most(LONGITUDE, "longitude"),
    "mediatype": _one_of(MEDIA_TYPES, "media_type"),
    "mi": _mi,
    "nonzero": _nonzero,
    "nozeroprefix": _nozeroprefix,
    "packagetype": _one_of(PACKAGE_TYPES, "package_type"),
    "pcenc": _pcenc,
    "pieceoftotal": _pieceoftotal,
    "posinseqslash": _posinseqslash,
    "ss": _ss,
    "winding": _one_of("019", "winding"),
    "yesno": _one_of("01", "yes_no"),
    "yymmd0": _yymmd0,
    "yymmdd": _yymmdd,
    "yyyymmdd": _yyyymmdd,
    "zero": _zero,
}
"""By the name the dictionary uses."""
TOLERABLE = frozenset({"check_digit", "check_pair"})
"""Faults that a caller may let pass: the rest of the value is in order."""
