"""A client nobody here wrote captures events and asks for them, against the running server."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from erp.core import outbox
from tests.browser import server
from tests.conftest import make_person, make_site
from tests.traceability.epcis.builders import EXCHANGE, Caller, make_service, make_system

FOLDER = Path(__file__).parent
VENDOR = FOLDER / "vendor"


def test_the_vendored_client_is_the_published_one() -> None:
    text = (VENDOR / "VENDORED.md").read_text(encoding="utf-8")
    for name, digest in re.findall(r"\| `(\S+)` \|.*`([0-9a-f]{64})` \|", text):
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest


@contextmanager
def worker() -> Iterator[None]:
    """Deliver what the outbox holds, as Celery does, while the client waits."""
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(0.2):
            while outbox.deliver_next():
                pass
        connection.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.mark.urs("EPC-01")
def test_epcis2_js_captures_and_queries(committed: None, tmp_path: Path, settings: Any) -> None:
    node = shutil.which("node")
    if not node:
        pytest.skip("no node: install the Debian package nodejs")
    settings.MEDIA_ROOT = tmp_path
    tag = uuid.uuid4().hex[:8]
    make_service()
    issuer = make_person(f"ada{tag}", may=["organisation.issue_token"])
    system = make_system(make_site(f"E{tag}"), f"acme{tag}", may=EXCHANGE)
    bearer = Caller(system, issuer).headers["authorization"].removeprefix("Bearer ")
    with server.running() as address, worker():
        done = subprocess.run(  # noqa: S603 - our own script
            [node, str(FOLDER / "client.js"), f"{address}/epcis", bearer, tag],
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    saw = json.loads(done.stdout.splitlines()[-1])
    assert (saw["status"], saw["running"], saw["success"]) == (202, False, True), saw
    assert saw["errors"] == []
    assert saw["read"] == ["shipping"]
    # Two implementations that do not know each other give the event the same name.
    assert saw["id"] == saw["hash"]
