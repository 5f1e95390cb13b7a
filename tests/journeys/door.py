"""The API through Django's client, for journeys."""

from __future__ import annotations

import json
from typing import Any

from rest_framework.test import APIClient

from erp.accounts.models import User
from erp.insight.demo.journey import Json, Refused


class ClientDoor:
    """Calls the API as somebody; a refusal is raised, as over HTTP."""

    def __init__(self, language: str = "en") -> None:
        self.language = language
        self._clients: dict[str, APIClient] = {}

    def client(self, who: str) -> APIClient:
        """Return the client of a person, signed in."""
        if who not in self._clients:
            client = APIClient(raise_request_exception=True)
            client.force_login(User.objects.get(username=who))
            client.cookies["proofline_language"] = self.language
            self._clients[who] = client
        return self._clients[who]

    def get(self, who: str, path: str, **query: Any) -> Json:
        """Read as somebody."""
        return self._answer(f"{who} GET {path}", self.client(who).get(f"/api/v1/{path}", query))

    def post(self, who: str, path: str, body: Json) -> Json:
        """Call an operation as somebody."""
        text = json.dumps(body, default=str)
        response = self.client(who).post(f"/api/v1/{path}", text, content_type="application/json")
        return self._answer(f"{who} POST {path}", response)

    def fetch(self, who: str, path: str) -> bytes:
        """Return the content of a file."""
        response: Any = self.client(who).get(f"/api/v1/{path}")
        assert response.status_code == 200, response
        return b"".join(response.streaming_content) if response.streaming else response.content

    def _answer(self, call: str, response: Any) -> Json:
        body: Json = json.loads(response.content)
        if response.status_code >= 400:
            raise Refused(call, response.status_code, body)
        return body
