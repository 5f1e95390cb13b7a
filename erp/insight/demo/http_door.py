"""The API over HTTP with nothing but the standard library: one session per person, signed in by
form.
"""

from __future__ import annotations

import http.cookiejar
import json
import urllib.error
import urllib.parse
import urllib.request
from http import HTTPStatus
from typing import Any

from erp.insight.demo.journey import Json, Refused
from erp.insight.demo.people import PASSWORD

PATIENCE = 60
LOGIN = "/accounts/login/"


class SignInFailed(Exception):
    """Somebody could not sign in."""


class HttpDoor:
    """Calls the API of a running server; people sign in when they are first needed."""

    def __init__(self, base: str, language: str = "en") -> None:
        self.base = base.rstrip("/")
        self.language = language
        self._sessions: dict[str, _Session] = {}

    def get(self, who: str, path: str, **query: Any) -> Json:
        """Read as somebody."""
        tail = f"?{urllib.parse.urlencode(query, doseq=True)}" if query else ""
        return self._session(who).call("GET", f"/api/v1/{path}{tail}")

    def post(self, who: str, path: str, body: Json) -> Json:
        """Call an operation as somebody."""
        return self._session(who).call("POST", f"/api/v1/{path}", body)

    def fetch(self, who: str, path: str) -> bytes:
        """Return the content of a file of the API."""
        return self._session(who).raw("GET", f"/api/v1/{path}")

    def _session(self, who: str) -> _Session:
        if who not in self._sessions:
            self._sessions[who] = _Session(self.base, who, self.language)
        return self._sessions[who]


class _Session:
    """One person's cookies."""

    def __init__(self, base: str, who: str, language: str) -> None:
        self.base, self.who, self.language = base, who, language
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.jar)
        )
        self._sign_in()

    def call(self, method: str, path: str, body: Json | None = None) -> Json:
        """Return the JSON answer, or raise ``Refused``."""
        answer: Json = json.loads(self.raw(method, path, body))
        return answer

    def raw(self, method: str, path: str, body: Json | None = None) -> bytes:
        """Return the answer's body, or raise ``Refused``."""
        data = None if body is None else json.dumps(body, default=str).encode()
        request = self._request(method, path, data, "application/json")
        try:
            with self.opener.open(request, timeout=PATIENCE) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise Refused(f"{self.who} {method} {path}", error.code, _problem(error)) from error

    def _request(
        self, method: str, path: str, data: bytes | None, kind: str
    ) -> urllib.request.Request:
        request = urllib.request.Request(self.base + path, data=data, method=method)  # noqa: S310
        request.add_header("Accept-Language", self.language)
        request.add_header("Referer", self.base + "/")
        if data is not None:
            request.add_header("Content-Type", kind)
            request.add_header("X-CSRFToken", self._cookie("csrftoken"))
        return request

    def _cookie(self, name: str) -> str:
        return next((c.value or "" for c in self.jar if c.name == name), "")

    def _sign_in(self) -> None:
        with self.opener.open(self._request("GET", LOGIN, None, ""), timeout=PATIENCE) as page:
            page.read()
        form = urllib.parse.urlencode({"login": self.who, "password": PASSWORD}).encode()
        request = self._request("POST", LOGIN, form, "application/x-www-form-urlencoded")
        with self.opener.open(request, timeout=PATIENCE) as answer:
            answer.read()
            fine = answer.status == HTTPStatus.OK and LOGIN not in answer.geturl()
        if not fine:
            raise SignInFailed(self.who)


def _problem(error: urllib.error.HTTPError) -> Json:
    try:
        body: Json = json.loads(error.read())
    except ValueError:
        return {"code": "http", "detail": error.reason}
    return body
