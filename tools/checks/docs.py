"""Documentation is checked like code: links lead somewhere, generated pages are up to date."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from tools.bootstrap.paths import ROOT
from tools.bootstrap.stages import project_files

LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)
CODE = re.compile(r"^(```|~~~).*?^\1|`[^`\n]*`", re.MULTILINE | re.DOTALL)
TWINS = (("README.md", "README.zh-CN.md"),)


def anchor(heading: str) -> str:
    """Return the anchor a heading gets on the usual code hosts."""
    plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def anchors(text: str) -> set[str]:
    """Return every anchor of a page; a repeated heading gets a number."""
    found: set[str] = set()
    without_code = re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)
    for heading in HEADING.findall(without_code):
        name, count = anchor(heading), 0
        while (name if not count else f"{name}-{count}") in found:
            count += 1
        found.add(name if not count else f"{name}-{count}")
    return found


def broken_links(page: Path) -> Iterator[str]:
    """Yield one sentence per relative link that leads nowhere."""
    text = page.read_text(encoding="utf-8")
    for target in LINK.findall(CODE.sub("", text)):
        if re.match(r"[a-z][a-z0-9+.-]*:", target, re.IGNORECASE):
            continue  # elsewhere on the net: not ours to keep
        path, _, fragment = unquote(target).partition("#")
        goal = (page.parent / path) if path else page
        if not goal.exists():
            yield f"{page.relative_to(ROOT)}: {target} does not exist"
        elif fragment and goal.suffix == ".md" and fragment not in _anchors_of(goal):
            yield f"{page.relative_to(ROOT)}: {target} has no such heading"


def _anchors_of(page: Path) -> set[str]:
    return anchors(page.read_text(encoding="utf-8"))


def missing_twins() -> Iterator[str]:
    """Yield a sentence for each page whose other language is missing."""
    for page, twin in TWINS:
        for name in (page, twin):
            if not (ROOT / name).exists():
                yield f"{name} is missing"


def generated_pages_differ() -> Iterator[str]:
    """Yield a sentence when a generated page is not what the code would generate now."""
    done = subprocess.run(
        [sys.executable, "manage.py", "generate_docs", "--check"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-10:])
        yield f"Generated documentation is not up to date (`./run docs` mends it):\n{tail}"


def main() -> int:
    """Run the three checks over all pages."""
    pages = [ROOT / name for name in project_files("*.md")]
    offences = [sentence for page in pages for sentence in broken_links(page)]
    offences += [*missing_twins(), *generated_pages_differ()]
    sys.stdout.write("".join(f"{sentence}\n" for sentence in offences))
    sys.stdout.write(f"{len(pages)} pages, {len(offences)} offences\n")
    return int(bool(offences))


if __name__ == "__main__":
    sys.exit(main())
