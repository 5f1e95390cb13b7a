"""What Python packages cannot bring: shared libraries, fonts, a browser."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from tools.bootstrap.say import Stop, step

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True)
class Need:
    """One thing the machine must have, how to see it, and the Debian package that brings it."""

    what: str
    package: str
    present: Callable[[], bool]


def library(name: str) -> Callable[[], bool]:
    """Return a question: can this shared library be loaded?"""

    def present() -> bool:
        try:
            ctypes.CDLL(name)
        except OSError:
            return False
        return True

    return present


def program(*names: str) -> Callable[[], bool]:
    """Return a question: is one of these programs on the path?"""
    return lambda: any(shutil.which(name) for name in names)


def has_chinese_font() -> bool:
    """Say whether a font with Chinese glyphs is installed; without one PDFs show empty boxes."""
    fc_list = shutil.which("fc-list")
    if fc_list is None:
        return False
    found = subprocess.run(
        [fc_list, ":lang=zh-cn", "family"], capture_output=True, text=True, check=False
    )
    return bool(found.stdout.strip())


def browser() -> str | None:
    """Return the browser for tests: what PROOFLINE_BROWSER names, or the first one found."""
    return os.environ.get("PROOFLINE_BROWSER") or next(
        filter(None, map(shutil.which, BROWSERS)), None
    )


RUN = (
    Need("Pango", "libpango-1.0-0", library("libpango-1.0.so.0")),
    Need("PangoFT2", "libpangoft2-1.0-0", library("libpangoft2-1.0.so.0")),
    Need("HarfBuzz", "libharfbuzz0b", library("libharfbuzz.so.0")),
    Need("Fontconfig", "fontconfig", program("fc-list")),
    Need("a Chinese font", "fonts-wqy-microhei", has_chinese_font),
)
TEST = (
    *RUN,
    Need("a browser", "chromium", lambda: browser() is not None),
    Need("gettext", "gettext", program("msgfmt")),
    Need("git", "git", program("git")),
    Need("node", "nodejs", program("node")),
)


def ensure(needs: tuple[Need, ...]) -> None:
    """Install what is missing, or stop with the exact command that does."""
    missing = [need for need in needs if not need.present()]
    if not missing:
        return
    names = ", ".join(need.what for need in missing)
    install([need.package for need in missing], f"This machine lacks {names}")
    still = [need for need in missing if not need.present()]
    if still:
        raise Stop("Installed, yet not found: " + ", ".join(need.what for need in still) + ".")


def install(packages: list[str], reason: str) -> None:
    """Install Debian packages as root or by password-less sudo, else say how."""
    prefix = _privilege()
    shown = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    if prefix is None:
        raise Stop(f"{reason}. Please run:\n\n    sudo {shown}\n\nand then this command again.")
    step(f"{reason}: installing {' '.join(packages)}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    last = ""
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(
            [*prefix, "apt-get", "-qq", *arguments],
            env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        last = done.stderr if done.returncode else ""
    if last:
        raise Stop(f"{reason}, and `{shown}` failed:\n{last.strip()}")


def _privilege() -> list[str] | None:
    """Return how to call apt-get here: as we are, by sudo, or not at all (None)."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    asked = subprocess.run([sudo, "-n", "true"], capture_output=True, check=False)
    return [sudo, "-n"] if asked.returncode == 0 else None


def report(needs: tuple[Need, ...]) -> list[str]:
    """Return one line per need, for `./run verify-env`."""
    return [
        f"{'ok     ' if need.present() else 'MISSING'}  {need.what} ({need.package})"
        for need in needs
    ]
