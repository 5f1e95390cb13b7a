"""Run one benchmark and print its result as the last line, in JSON."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from dataclasses import asdict
from pathlib import Path

PARTS = {"measure", "database", "genealogy", "loading"}
"""Modules of this package that benchmarks share; every other one is a benchmark."""


def names() -> list[str]:
    """Return the benchmarks there are."""
    found = (m.name for m in pkgutil.iter_modules([str(Path(__file__).parent)]))
    return sorted(n for n in found if n not in PARTS and not n.startswith("_"))


def main(arguments: list[str]) -> int:
    """Run the named benchmark."""
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("name", choices=names())
    parser.add_argument(
        "--scale", type=int, default=None, help="size of the data, by the benchmark"
    )
    parser.add_argument("--json", action="store_true", help="print only the JSON line")
    options = parser.parse_args(arguments)
    module = importlib.import_module(f"tools.bench.{options.name}")
    scale = options.scale or module.SCALE
    cases = module.run(scale)
    if not options.json:
        for case in cases:
            print(case.line(), file=sys.stderr)  # noqa: T201 - a command speaks to its caller
    results = [asdict(case) for case in cases]
    print(json.dumps({"bench": options.name, "scale": scale, "results": results}))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
