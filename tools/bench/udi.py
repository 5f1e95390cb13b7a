"""Reading device identifiers: texts per second in one process, and beside another reader.

The mix is what scanners and forms send: GS1 in every form, digital links, HIBC, ISBT 128, MA, and
some that are refused. The reference for GS1 is biip, which reads element strings and checks less.
For the mix as a whole it is a regular expression that only tells the kinds apart.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Sequence

import biip

from tools.bench.measure import MILLI, Case, compare, in_turns, peak_mb
from traceability.udi import UdiRefused, parse

SCALE = 2000
ROUNDS = 9
WANTED = 20_000
GS = "\x1d"
SCANNED = [f"0109520123456788172810311010{n:04d}{GS}21{n:06d}" for n in range(0, 90, 30)]
MIX = [
    "(01)51022222233336(11)141231(17)150707(10)A213B1(21)1234",
    *(f"]d2{text}" for text in SCANNED),
    *SCANNED,
    SCANNED[0].replace(GS, "^"),
    "https://id.gs1.org/01/09520123456788/10/ABC1/21/12345?17=280426",
    "]E09520123456788",
    "+A123BJC5D6E71G",
    "+J123AQ3451/$$1125BC34567/S4012L",
    "+J123AQ3451T+25330BC34567T2+S4012TJ",
    "=+04000=/A9997XYZ100T0479=A99991712345600=,000012=>019031",
    "MA.156.M0.100000.10000001.M201231.V221230.LA001",
    "(01)09520123456789(10)1042",
    "+A123BJC5D6E71H",
]
KINDS = re.compile(r"\]..|\(|\+|=|MA\.|https?://|[0-9\x1d^]")


def run(scale: int) -> list[Case]:
    """Read about ``scale`` codes a round."""

    def ours(text: str) -> None:
        with contextlib.suppress(UdiRefused):
            parse(text)

    def theirs(text: str) -> None:
        with contextlib.suppress(biip.ParseError):
            biip.parse(text)

    return [
        _case("udi: mixed codes", MIX, scale, (ours, KINDS.match), "one regular expression"),
        _case("udi: GS1 element strings", SCANNED, scale, (ours, theirs), "biip"),
    ]


def _case(
    name: str,
    texts: Sequence[str],
    scale: int,
    readers: tuple[Callable[[str], object], Callable[[str], object]],
    what: str,
) -> Case:
    rounds = max(1, scale // len(texts))
    count = rounds * len(texts)
    works = [_work(texts, rounds, reader) for reader in readers]
    times = in_turns(works[0], works[1], rounds=ROUNDS)
    begun = time.process_time()
    works[0]()
    cpu = time.process_time() - begun
    per_second = round(count / (min(times[0]) / MILLI))
    checks = {
        "per_second": per_second,
        "per_cpu_second": round(count / cpu),
        f"at least {WANTED} a second": per_second >= WANTED,
    }
    return compare(
        name,
        times,
        what=what,
        rows=count,
        peak_mb=peak_mb(works[0]),
        target=f">= {WANTED}/s in one process",
        checks=checks,
    )


def _work(texts: Sequence[str], rounds: int, reader: Callable[[str], object]) -> Callable[[], None]:
    def work() -> None:
        for _ in range(rounds):
            for text in texts:
                reader(text)

    return work
