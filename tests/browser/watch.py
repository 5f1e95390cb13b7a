"""What is looked for on every page: errors, foreign requests, sideways scrolling, accessibility."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request

AXE = Path(__file__).parent / "vendor/axe-core/axe.min.js"
GRAVE = {"serious", "critical"}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

RUN_AXE = """async (rules) => (await axe.run(document, {
  runOnly: {type: 'tag', values: rules}, resultTypes: ['violations'],
})).violations.map(v => ({id: v.id, impact: v.impact, help: v.help,
  where: v.nodes.slice(0, 3).map(n => n.target.join(' '))}))"""


class Watch:
    """Listens to a page; ``findings`` is what was wrong since it was last emptied."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin
        self.findings: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.findings.append(f"script: {error}"))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        # A breach of the content security policy arrives here as an error too.
        if message.type == "error":
            self.findings.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https"} and f"{parts.scheme}://{parts.netloc}" != self.origin:
            self.findings.append(f"foreign request: {request.url}")

    def visit(self, path: str) -> None:
        """Go to a page; anything but 200 is a finding."""
        answer = self.page.goto(self.origin + path, wait_until="load")
        if answer is None or answer.status != 200:
            self.findings.append(f"{path}: {answer.status if answer else 'no answer'}")

    def check_width(self) -> None:
        """Find a page that scrolls sideways."""
        wide, shown = self.page.evaluate(
            "[document.documentElement.scrollWidth, window.innerWidth]"
        )
        if wide > shown:
            self.findings.append(f"scrolls sideways at {shown}: {wide}, {self._widest()}")

    def _widest(self) -> str:
        found: str = self.page.evaluate(
            """() => [...document.querySelectorAll('body *')].map(e =>
            [e.getBoundingClientRect().right, e])
            .filter(([r]) => r > window.innerWidth + 1).slice(0, 3)
            .map(([r, e]) => `${e.tagName}.${e.className}`).join(', ')"""
        )
        return found

    def check_access(self) -> None:
        """Find what axe calls serious or critical."""
        before = list(self.findings)
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        violations: list[dict[str, Any]] = self.page.evaluate(RUN_AXE, RULES)
        # axe tries a style of its own on the page; that breach of the policy is not the page's.
        self.findings = before + [
            f"axe {v['impact']}: {v['id']}, {v['help']}: {v['where']}"
            for v in violations
            if v["impact"] in GRAVE
        ]
