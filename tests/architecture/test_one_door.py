"""Data changes only through operations: writes stand in operations and steps, adapters hold
none.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from erp.operations import REGISTRY
from tests.architecture.source import ROOT, production_files

WRITES = {"save", "delete", "bulk_create", "bulk_update", "update_or_create", "get_or_create"}
MANAGER_WRITES = {"create", "update"}
ALLOWED = (
    "steps.py",
    "outbox.py",
    "erp/core/bulk.py",
    "erp/operations/door.py",
    "erp/accounts/security.py",
    "audit/signatures.py",
    "erp/organisation/installing.py",
)
"""Where writing is the purpose of the file."""


def may_write(path: Path) -> bool:
    """Tell whether writes belong in this file."""
    name = path.relative_to(ROOT).as_posix()
    return name.endswith(ALLOWED) or "/steps/" in name or "operations" in name


def writes_in(path: Path) -> list[str]:
    """Return the calls in a file that write to the database."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        on_manager = "objects" in ast.unparse(node.func.value)
        if (node.func.attr in WRITES and not _is_file_or_workbook(node)) or (
            node.func.attr in MANAGER_WRITES and on_manager
        ):
            found.append(f"{path.relative_to(ROOT)}:{node.lineno} .{node.func.attr}()")
    return found


def _is_file_or_workbook(node: ast.Call) -> bool:
    target = ast.unparse(node.func.value)  # type: ignore[attr-defined]
    return (
        target in {"book", "document", "image", "pdf", "workbook", "cache"} or "storage" in target
    )


def test_no_write_stands_outside_steps() -> None:
    found = [w for path in production_files() if not may_write(path) for w in writes_in(path)]
    assert found == []


def test_operations_do_not_call_operations() -> None:
    found = []
    for path in production_files():
        if "operations" not in path.relative_to(ROOT).as_posix():
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = declared_in(tree) | imported_operations(tree)
        found += [
            f"{path.relative_to(ROOT)}:{node.lineno} {node.func.id}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in names
        ]
    assert found == []


def declared_in(tree: ast.Module) -> set[str]:
    """Return the names of the operations declared in a module."""
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        for mark in node.decorator_list
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "operation"
    }


def imported_operations(tree: ast.Module) -> set[str]:
    """Return the operations a module imports, by the names it uses."""
    known = {op.function.__name__ for op in REGISTRY.values()}
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and "operations" in (node.module or "").split(".")
        for alias in node.names
        if alias.name in known
    }


def test_rows_are_locked_only_in_locking_modules() -> None:
    allowed = ("locking.py", "outbox.py", "erp/organisation/installing.py")
    found = [
        str(path.relative_to(ROOT))
        for path in production_files()
        if "select_for_update(" in path.read_text(encoding="utf-8")
        and not path.as_posix().endswith(allowed)
    ]
    assert found == []


def test_no_refusal_looks_like_success() -> None:
    """Operations and steps never return False to refuse (style.md 3.5)."""
    files = [p for p in production_files() if p.name == "steps.py" or "operations" in p.parts]
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Return) and ast.unparse(node).strip() == "return False"
    ]
    assert found == []


@pytest.mark.parametrize("path", production_files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_files_are_small_enough_to_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500
