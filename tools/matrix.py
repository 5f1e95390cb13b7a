"""Requirement to tests: which tests prove a user requirement, and which have none.

Tests are read, not run: a mark is `@pytest.mark.urs("TRC-03", ...)` on a function or a class, or
`pytestmark` of a module.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.bootstrap.paths import ROOT
from tools.bootstrap.say import Stop, say, step
from tools.bootstrap.stages import project_files

REQUIREMENTS = Path("docs/requirements.md")
REQUIREMENT = re.compile(r"^- ([A-Z]{2,5}-\d{2}) (.+)$", re.MULTILINE)

Functions = ast.FunctionDef | ast.AsyncFunctionDef


def requirements(text: str) -> dict[str, str]:
    """Return id -> sentence, in the order of the page."""
    return dict(REQUIREMENT.findall(text))


def marked(source: str) -> Iterator[tuple[str, str]]:
    """Yield (requirement, test) for every mark in a test module."""
    tree = ast.parse(source)
    module_marks = [
        name
        for node in tree.body
        if isinstance(node, ast.Assign) and _is_pytestmark(node)
        for name in _marks_within(node.value)
    ]
    yield from _in_body(tree.body, module_marks, "")


def _in_body(body: list[ast.stmt], inherited: list[str], prefix: str) -> Iterator[tuple[str, str]]:
    for node in body:
        if isinstance(node, ast.ClassDef | Functions):
            own = [name for mark in node.decorator_list for name in _marks_within(mark)]
            if isinstance(node, ast.ClassDef):
                yield from _in_body(node.body, inherited + own, f"{prefix}{node.name}::")
            elif node.name.startswith("test"):
                yield from ((name, prefix + node.name) for name in inherited + own)


def _is_pytestmark(node: ast.Assign) -> bool:
    return any(isinstance(goal, ast.Name) and goal.id == "pytestmark" for goal in node.targets)


def _marks_within(node: ast.expr) -> Iterator[str]:
    """Yield the ids of every `pytest.mark.urs(...)` call inside an expression."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and getattr(call.func, "attr", None) == "urs":
            yield from (str(name.value) for name in call.args if isinstance(name, ast.Constant))


def matrix(wanted: dict[str, str]) -> dict[str, list[str]]:
    """Return requirement -> tests over the whole suite; an unknown id is a mistake to mend."""
    found: dict[str, list[str]] = {name: [] for name in wanted}
    for path in project_files("tests/*.py"):
        for name, test in marked((ROOT / path).read_text(encoding="utf-8")):
            if name not in found:
                raise Stop(f"{path}::{test} proves {name}, which {REQUIREMENTS} does not know.")
            found[name].append(f"{path}::{test}")
    return found


def main() -> int:
    """Print the matrix; with --strict a requirement without a test is an error."""
    parser = argparse.ArgumentParser(prog="./run matrix", description="Requirement -> tests.")
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument("--missing", action="store_true", help="only what has no test")
    parser.add_argument("--strict", action="store_true", help="exit 1 when something has no test")
    options = parser.parse_args()
    try:
        wanted = requirements((ROOT / REQUIREMENTS).read_text(encoding="utf-8"))
        found = matrix(wanted)
    except (OSError, Stop) as problem:
        step(str(problem))
        return 1
    missing = [name for name, tests in found.items() if not tests]
    if options.json:
        say(json.dumps(found, indent=2))
    else:
        _print(wanted, found, only_missing=options.missing)
    return int(options.strict and bool(missing))


def _print(wanted: dict[str, str], found: dict[str, list[str]], *, only_missing: bool) -> None:
    for name, tests in found.items():
        if not (tests and only_missing):
            say(f"{name}  {wanted[name]}" + ("" if tests else "\n    NO TEST"))
            for test in tests:
                say(f"    {test}")
    proved = sum(bool(tests) for tests in found.values())
    say(f"{proved} of {len(found)} requirements have a test")


if __name__ == "__main__":
    sys.exit(main())
