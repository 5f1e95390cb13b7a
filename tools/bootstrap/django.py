"""Calls to Django's management commands, in the environment's own Python."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.bootstrap.paths import PYTHON, ROOT
from tools.bootstrap.say import Stop, step

# Not ours, or made: never looked at when asking whether something changed.
SKIPPED = {".venv", ".git", "var", "staticfiles", "node_modules", "__pycache__"}


def manage(env: Mapping[str, str], *arguments: str) -> int:
    """Run a management command with this terminal's input and output; return its exit code."""
    return subprocess.run(
        [str(PYTHON), "manage.py", *arguments], cwd=ROOT, env=dict(env), check=False
    ).returncode


def must(env: Mapping[str, str], told: str, *arguments: str, quiet: bool = True) -> None:
    """Run a management command that has to succeed; its output is shown only when it fails."""
    step(told)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        target = output if quiet else None
        done = subprocess.run(
            [str(PYTHON), "manage.py", *arguments],
            cwd=ROOT, env=dict(env), stdout=target, stderr=target, check=False,
        )  # fmt: skip
        output.seek(0)
        text = output.read()
    if done.returncode:
        tail = "\n".join(text.splitlines()[-25:])
        raise Stop(f"`manage.py {' '.join(arguments)}` failed.\n{tail}", done.returncode)


def prepare_files(env: Mapping[str, str]) -> None:
    """Compile translations and collect static files, unless nothing changed since last time."""
    stamp = Path(env["PROOFLINE_DATA"]) / "run" / "prepared-files.stamp"
    wanted = _fingerprint(env)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    must(env, "Compiling translations", "compile_translations")
    must(env, "Collecting static files", "collectstatic", "--noinput", "--verbosity", "0")
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted, encoding="utf-8")


def _fingerprint(env: Mapping[str, str]) -> str:
    """Digest names, sizes and times of catalogues and static files, and the pinned packages."""
    digest = hashlib.sha256(repr(sorted(_inputs(ROOT))).encode())
    digest.update((ROOT / "requirements" / "base.txt").read_bytes())
    digest.update(env.get("PROOFLINE_DEBUG", "").encode())
    return digest.hexdigest()


def _inputs(root: Path) -> Iterator[tuple[str, int, int]]:
    for directory, subdirectories, files in os.walk(root):
        subdirectories[:] = [name for name in subdirectories if name not in SKIPPED]
        is_static = "static" in Path(directory).relative_to(root).parts
        for name in files:
            if is_static or name.endswith((".po", ".mo")):
                path = Path(directory) / name
                facts = path.stat()
                # A compiled catalogue counts only as present or absent: compiling touches it.
                compiled = name.endswith(".mo")
                yield str(path), *((0, 0) if compiled else (facts.st_size, facts.st_mtime_ns))
