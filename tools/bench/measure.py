"""Measuring: the same work done by us and by the reference, taken in turns."""

from __future__ import annotations

import multiprocessing
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import quantiles
from threading import BrokenBarrierError
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess
    from multiprocessing.synchronize import Barrier

MILLI = 1000
WARM_SECONDS = 300


@dataclass(frozen=True)
class Case:
    """One line of a benchmark, in the form design 9 asks for."""

    case: str
    ours: Mapping[str, float]
    reference: Mapping[str, Any]
    ratio: float
    rows: int = 0
    queries: int = 0
    peak_mb: float = 0.0
    target: str = ""
    checks: Mapping[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """Return the case as one readable line."""
        return (
            f"{self.case:<34} {self.ours['p50_ms']:>9.2f} ms  "
            f"reference {self.reference['p50_ms']:>9.2f} ms  ratio {self.ratio:<6.2f} "
            f"rows {self.rows:<8} queries {self.queries:<3} peak {self.peak_mb:.1f} MB"
        )


def in_turns(
    ours: Callable[[], object], reference: Callable[[], object], *, rounds: int, warm: int = 2
) -> tuple[list[float], list[float]]:
    """Return the times in ms of both, called alternately, so that noise meets both alike."""
    for _ in range(warm):
        ours()
        reference()
    pairs = [(timed(ours), timed(reference)) for _ in range(rounds)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def timed(work: Callable[[], object]) -> float:
    """Return the milliseconds that ``work`` takes."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * MILLI


def at_once(works: Sequence[Sequence[Callable[[], object]]]) -> float:
    """Return the milliseconds until every caller is done; each is a process of its own.

    A caller's first piece of work warms it up (connection, prepared statements) and is not counted.
    """
    from django.db import connections  # noqa: PLC0415 - needs Django to be set up

    # A connection that two processes share is closed by the first that ends.
    connections.close_all()
    apart = multiprocessing.get_context("fork")
    start = apart.Barrier(len(works) + 1)
    callers = [apart.Process(target=_called, args=(start, work)) for work in works]
    for caller in callers:
        caller.start()
    with suppress(BrokenBarrierError):  # one failed while it warmed up
        start.wait(WARM_SECONDS)
    taken = timed(lambda: _wait_for(callers))
    if any(caller.exitcode for caller in callers):
        raise RuntimeError("a caller failed; its own words stand above")
    return taken


def _wait_for(callers: Sequence[BaseProcess]) -> None:
    for caller in callers:
        caller.join()


def _called(start: Barrier, works: Sequence[Callable[[], object]]) -> None:
    first, *rest = works
    try:
        first()
    except BaseException:
        start.abort()
        raise
    start.wait(WARM_SECONDS)
    for work in rest:
        work()


def spread(times: list[float]) -> dict[str, float]:
    """Return median and 95th percentile in ms."""
    cuts = quantiles(times, n=20, method="inclusive")
    return {"p50_ms": round(cuts[9], 3), "p95_ms": round(cuts[18], 3)}


def peak_mb(work: Callable[[], object]) -> float:
    """Return the most memory that Python holds while ``work`` runs, in MB."""
    tracemalloc.start()
    try:
        work()
        return round(tracemalloc.get_traced_memory()[1] / 2**20, 2)
    finally:
        tracemalloc.stop()


def compare(
    name: str,
    times: tuple[list[float], list[float]],
    *,
    what: str,
    **more: Any,
) -> Case:
    """Return the case of two series of times; ``what`` says what the reference does."""
    ours, reference = spread(times[0]), spread(times[1])
    ratio = round(ours["p50_ms"] / reference["p50_ms"], 3) if reference["p50_ms"] else 0.0
    return Case(name, ours, {"what": what, **reference}, ratio, **more)
