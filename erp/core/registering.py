"""Finds the modules by which an app makes itself known, so that no list of them has to be kept.

A module with one of these names registers something by being imported: checks at gates, reactions
to events, operations, kinds of record, where a trace may start, what a scan means. Every app loads
its own from ``AppConfig.ready``.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

REGISTERING = {
    "delivery", "evidence", "exchange", "gates", "handlers", "operations", "records", "scan",
    "telling", "trace", "trace_origins", "ways",
}  # fmt: skip
ENDINGS = ("_checks", "_records")
"""A large ``records.py``, or checks of evidence, may be several files."""
ADAPTERS = {"api", "management", "migrations", "static", "web"}
"""Packages inside an app that register nothing."""


def register(package: str) -> None:
    """Import the registering modules of an app and of the small packages in it, in fixed order."""
    spec = find_spec(package)
    for place in spec.submodule_search_locations or () if spec else ():
        found = sorted(iter_modules([place]), key=lambda module: module.name)
        for module in found:
            if module.name in REGISTERING or module.name.endswith(ENDINGS):
                import_module(f"{package}.{module.name}")
        for module in found:
            if module.ispkg and module.name not in ADAPTERS | REGISTERING:
                register(f"{package}.{module.name}")
