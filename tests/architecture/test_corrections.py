"""Whatever writes a trace event says how it is taken back."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from erp.operations import REGISTRY
from tests.architecture.source import ROOT, production_files
from traceability.corrections.ways import WAYS

Function = tuple[str, str]
"""Module and name."""

WRITERS = {("traceability.steps", "record"), ("traceability.steps", "record_all")}


def module_of(path: Path) -> str:
    """Return the dotted name of a file."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def source() -> tuple[dict[Function, set[tuple[str, str]]], dict[str, dict[str, Function]]]:
    """Return what each function of the product names, and what each module imports."""
    named: dict[Function, set[tuple[str, str]]] = {}
    imported: dict[str, dict[str, Function]] = {}
    for path in production_files():
        module, tree = module_of(path), ast.parse(path.read_text(encoding="utf-8"))
        imported[module] = {
            alias.asname or alias.name: (node.module, alias.name)
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
        }
        for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
            named.setdefault((module, function.name), set()).update(_names(function))
    return named, imported


def _names(function: ast.FunctionDef) -> set[tuple[str, str]]:
    found = {(n.id, "") for n in ast.walk(function) if isinstance(n, ast.Name)}
    found |= {
        (n.value.id, n.attr)
        for n in ast.walk(function)
        if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)
    }
    return found


@cache
def meant(module: str, name: str, attribute: str) -> Function | None:
    """Return the function a name in a module means, followed through imports."""
    named, imported = source()
    origin = imported.get(module, {}).get(name)
    if attribute:
        target = (f"{origin[0]}.{origin[1]}", attribute) if origin else ("", "")
        return target if target in named else None
    if (module, name) in named:
        return module, name
    if origin is None or origin[0] == module:
        return None
    return origin if origin in named else meant(*origin, "")


@cache
def writers() -> frozenset[Function]:
    """Return every function that leads to a step that writes a trace event."""
    named, _imported = source()
    callers: dict[Function, set[Function]] = {}
    for function, names in named.items():
        for name, attribute in names:
            called = meant(function[0], name, attribute)
            if called is not None:
                callers.setdefault(called, set()).add(function)
    found, front = set(WRITERS), list(WRITERS)
    while front:
        new = callers.get(front.pop(), set()) - found
        found |= new
        front += new
    return frozenset(found)


def test_every_operation_that_writes_events_says_how_they_are_taken_back() -> None:
    writing = {
        code
        for code, op in REGISTRY.items()
        if (op.function.__module__, op.function.__name__) in writers()
    }
    assert len(writing) >= 30, "the search has lost its way"
    assert sorted(writing - set(WAYS)) == []


def test_no_way_names_an_operation_that_does_not_exist() -> None:
    assert sorted(set(WAYS) - set(REGISTRY)) == []
