"""No file of the project may name a package index or a place on one machine.

The first would tie an installation to a host, the second to a disk.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.bootstrap.paths import ROOT
from tools.bootstrap.stages import project_files

# In pieces, or this file would be its own first finding.
INDEX_HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("crates", "io"),
        ("deb", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("docker", "io"),
    )
)
INDEX_OPTIONS = tuple("--" + name for name in ("index-url", "extra-index-url", "trusted-host"))
HOSTS = re.compile("|".join(map(re.escape, INDEX_HOSTS)), re.IGNORECASE)
# A person's directory, wherever it is; a web address such as example.org/home/ is none.
HOMES = re.compile(r"(?<![\w.:/-])/(?:(?:home|Users)/[a-z][\w.-]*|root)/")
ABSOLUTE = re.compile(r"(?<![\w.:/-])/[\w.-]+(?:/[\w.-]+)+")


def findings(name: str, text: str, root: Path = ROOT) -> Iterator[str]:
    """Yield one sentence per offence in a file's text."""
    for number, line in enumerate(text.splitlines(), start=1):
        place = f"{name}:{number}:"
        if found := HOSTS.search(line):
            yield f"{place} names the index host {found.group()}"
        if found := HOMES.search(line) or _checkout_path(line, root):
            yield f"{place} names a place on one machine, {found.group()}"
        if name.startswith("requirements/") and any(option in line for option in INDEX_OPTIONS):
            yield f"{place} says where packages come from; that is the installer's to say"


def _checkout_path(line: str, root: Path) -> re.Match[str] | None:
    """Find a path into this checkout or beside it that really exists here."""
    inside = f"{root.parent}/".replace("//", "/")
    for found in ABSOLUTE.finditer(line):
        if inside != "/" and found.group().startswith(inside) and Path(found.group()).exists():
            return found
    return None


def main() -> int:
    """Check every text file of the project."""
    offences = [
        sentence
        for name in project_files()
        if (text := _text(ROOT / name)) is not None
        for sentence in findings(name, text)
    ]
    sys.stdout.write("".join(f"{sentence}\n" for sentence in offences))
    sys.stdout.write(f"{len(offences)} places name an index host or a machine's path\n")
    return int(bool(offences))


def _text(path: Path) -> str | None:
    """Return a file's text, or None for binary files and links."""
    if path.is_symlink():
        return None
    content = path.read_bytes()
    return None if b"\0" in content else content.decode("utf-8", "replace")


if __name__ == "__main__":
    sys.exit(main())
