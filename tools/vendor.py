"""Copies the third-party browser assets into the repository and writes down what they are.

``python tools/vendor.py`` packs every package with npm, takes only the files named here, builds the
icon sprite from the icons named here, and writes VENDORED.md with version, licence and checksum.
Nothing is fetched when Proofline runs: what stands in ``erp/ui/static/vendor`` is what is served.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "erp/ui/static/vendor"

ICONS = """
activity address-book adjustments affiliate alarm alert-circle alert-octagon alert-triangle
ambulance api archive archive-off arrow-back-up arrow-down arrow-fork arrow-left arrow-merge
arrow-right arrow-up arrows-exchange arrows-join arrows-join-2 arrows-right-left arrows-shuffle
arrows-sort arrows-split assembly award ban bandage barcode basket bell binary-tree book books
box brand-speedtest bug building building-bank building-community building-factory-2
building-hospital building-store building-warehouse bulb calculator calendar calendar-check
calendar-due calendar-event calendar-stats calendar-time camera cancel caret-down caret-right
cash certificate certificate-2 chart-arrows chart-bar chart-dots chart-histogram chart-line
chart-pie check checkbox checklist checkup-list chevron-down chevron-left chevron-right
chevron-up chevrons-left chevrons-right circle circle-check circle-dashed circle-dot
circle-minus circle-plus circle-x clipboard-check clipboard-list clock clock-exclamation
clock-hour-4 clock-pause clock-play cloud cloud-off coin components container copy cpu crane
currency-dollar dashboard database device-desktop device-mobile dots download edit engine
exclamation-circle external-link eye eye-off file-certificate file-check file-description
file-diff file-dollar file-export file-import file-invoice file-pencil file-plus file-search
file-text file-x file-zip filter fingerprint first-aid-kit flag flask folder folder-open
forklift forms gauge git-branch git-fork git-merge hand-click hand-stop heartbeat help hierarchy
hierarchy-2 hierarchy-3 history home home-2 hourglass id id-badge id-badge-2 inbox info-circle
key language layout-dashboard layout-grid layout-list layout-sidebar-left-collapse
layout-sidebar-left-expand license link list list-check list-details loader-2 lock lock-open
logout mail mail-forward map map-pin medal message message-circle message-report microscope
minus moon network nfc note notebook notes package package-export package-import packages
paperclip pencil phone pill player-pause player-play player-stop plug plug-connected plus point
presentation printer printer-off progress progress-check puzzle qrcode receipt recharging
recycle refresh refresh-alert report report-analytics report-medical report-search robot
rosette-discount-check route route-2 rubber-stamp ruler ruler-2 ruler-3 ruler-measure scale scan
school search send server settings shield shield-check shield-exclamation shield-half
shield-lock shield-x shopping-bag shopping-cart signature signature-off sitemap speakerphone
square-check square-x stack stack-2 stack-3 stethoscope subtask sun switch-horizontal table
table-export table-import tag tags target temperature template test-pipe thermometer ticket
timeline tir tool tools topology-ring topology-star-3 transfer transfer-in transfer-out trash
truck truck-delivery truck-loading truck-return upload user user-check user-circle user-plus
user-search user-shield user-x users users-group vaccine-bottle versions virus-off volume
volume-off webhook weight world world-check writing x zoom-check zoom-exclamation zoom-in
zoom-question
""".split()  # noqa: SIM905 - a block of names is easier to keep than a list of strings
"""Every icon a template may name; add one here, run this file again."""


@dataclass(frozen=True)
class Package:
    """One source package: its name and version, and which of its files go where."""

    name: str
    version: str
    files: dict[str, str]


PACKAGES = (
    Package(
        "@tabler/core",
        "1.6.1",
        {"dist/css/tabler.min.css": "tabler/tabler.min.css"},
    ),
    Package("@tabler/icons", "3.51.0", {"LICENSE": "tabler-icons/LICENSE"}),
    Package(
        "htmx.org", "2.0.11", {"dist/htmx.min.js": "htmx/htmx.min.js", "LICENSE": "htmx/LICENSE"}
    ),
    Package(
        "cytoscape",
        "3.34.4",
        {"dist/cytoscape.min.js": "cytoscape/cytoscape.min.js", "LICENSE": "cytoscape/LICENSE"},
    ),
    Package(
        "zxing-wasm",
        "3.1.4",
        {
            "dist/iife/reader/index.js": "zxing-wasm/reader.js",
            "dist/reader/zxing_reader.wasm": "zxing-wasm/zxing_reader.wasm",
            "LICENSE": "zxing-wasm/LICENSE",
        },
    ),
    Package(
        "@fontsource-variable/inter",
        "5.3.0",
        {
            "files/inter-latin-wght-normal.woff2": "inter/inter-latin.woff2",
            "LICENSE": "inter/LICENSE",
        },
    ),
    Package(
        "@fontsource-variable/jetbrains-mono",
        "5.3.0",
        {
            "files/jetbrains-mono-latin-wght-normal.woff2": (
                "jetbrains-mono/jetbrains-mono-latin.woff2"
            ),
            "LICENSE": "jetbrains-mono/LICENSE",
        },
    ),
)

SOURCE_MAP = re.compile(rb"\s*(/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S+)\s*$")


def unpack(package: Package, into: Path) -> Path:
    """Fetch a package with npm and return the folder of its contents."""
    spec = f"{package.name}@{package.version}"
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is needed to vendor assets; it is not needed to run Proofline.")
    done = subprocess.run(
        [npm, "pack", spec, "--silent", "--pack-destination", str(into)],
        check=True,
        capture_output=True,
        text=True,
    )
    folder = into / re.sub(r"\W+", "-", package.name)
    with tarfile.open(into / done.stdout.strip().splitlines()[-1]) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def without_source_map(content: bytes) -> bytes:
    """Drop the pointer to a source map that is not vendored; static file hashing would miss it."""
    return SOURCE_MAP.sub(b"\n", content)


def sprite(icons: Path) -> str:
    """Return one SVG with a symbol per icon; stroke and size come from the stylesheet."""
    symbols = []
    for name in sorted(set(ICONS)):
        text = (icons / f"{name}.svg").read_text(encoding="utf-8")
        body = re.search(r"<svg[^>]*>(.*)</svg>", text, re.DOTALL)
        if body is None:
            raise SystemExit(f"{name}.svg is not an icon")
        shapes = re.sub(r"\s*\n\s*", "", body[1])
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def licence(folder: Path) -> str:
    """Return the licence a package declares."""
    return str(json.loads((folder / "package.json").read_text(encoding="utf-8"))["license"])


def main() -> int:
    """Vendor everything anew."""
    lines = []
    with tempfile.TemporaryDirectory() as work:
        for package in PACKAGES:
            folder = unpack(package, Path(work))
            files = dict(package.files)
            for source, destination in files.items():
                target = TARGET / destination
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(without_source_map((folder / source).read_bytes()))
            written = list(files.values())
            if package.name == "@tabler/icons":
                (TARGET / "tabler-icons/sprite.svg").write_text(
                    sprite(folder / "icons/outline"), encoding="utf-8"
                )
                written.append("tabler-icons/sprite.svg")
            for name in written:
                digest = hashlib.sha256((TARGET / name).read_bytes()).hexdigest()
                facts = (f"`{name}`", package.name, package.version, licence(folder), f"`{digest}`")
                lines.append(f"| {' | '.join(facts)} |")
    heading = (
        "# Vendored assets\n\nWritten by `tools/vendor.py`. Files are as published, except that the"
        " pointer to a source map is\nremoved, and `sprite.svg` is put together from the single"
        " icons it names.\n\n"
        "| File | npm package | Version | Licence | SHA-256 |\n|---|---|---|---|---|\n"
    )
    (TARGET / "VENDORED.md").write_text(heading + "\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
