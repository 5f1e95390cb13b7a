"""The last step of the check: an evidence pack is asked for, awaited, fetched and looked at."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

from erp.insight.demo.journey import Broken, Door, Journey, must

PATIENCE = 180.0
PAUSE = 0.5


@dataclass
class Evidence:
    """Makes the pack of the journey's batch."""

    door: Door
    journey: Journey
    folder: Path
    path: Path | None = None

    def make(self) -> str:
        """Ask for the pack, wait for the worker, keep the file; its hash must be the one
        recorded.
        """
        batch = self.journey.found["batch"]
        pack = self.door.post("owen", f"lots/{batch['id']}/request-pack/", {"language": "en"})
        pack = self._await(pack["id"])
        content = self.door.fetch("owen", f"evidence/{pack['id']}/file/")
        must(content.startswith(b"%PDF-"), "the evidence pack is no PDF")
        digest = hashlib.sha256(content).hexdigest()
        must(digest == pack["sha256"], "the evidence pack is not the file that was issued")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path = self.folder / f"{pack['number']}.pdf"
        self.path.write_bytes(content)
        return f"{pack['number']}: {len(content) // 1024} kB, SHA-256 {digest[:16]}…"

    def _await(self, pack_id: int) -> dict[str, object]:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            pack = self.door.get("owen", f"evidence/{pack_id}/")
            if pack["state"] == "ready":
                return pack
            if pack["state"] == "failed":
                raise Broken(f"the evidence pack failed: {pack.get('error', '')}")
            time.sleep(PAUSE)
        raise Broken(
            f"the evidence pack was not made within {PATIENCE:.0f} s; is the worker running?"
        )
