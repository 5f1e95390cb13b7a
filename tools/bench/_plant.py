"""A small plant in a benchmark's database, made through the operations, and a caller of the API."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client

from erp.accounts.authentication import PREFIX_LENGTH, digest_of
from erp.accounts.models import ApiToken, Site, User
from erp.core import clock
from erp.operations import REGISTRY
from erp.organisation.permissions import READS
from tests.conftest import PASSWORD, make_person, make_site

TOKEN = "bench-token-of-no-use-elsewhere"  # noqa: S105 - a key to a database that is thrown away
READING = ("SELECT", "WITH", "DECLARE", "FETCH")

Statement = tuple[str, Any]


@dataclass(frozen=True)
class Plant:
    """A site and two people who may do everything."""

    site: Site
    ada: User
    ben: User


def make_plant() -> Plant:
    """Make site and people; passwords are hashed as in tests, which no query count depends on."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ALLOWED_HOSTS = ["testserver"]
    everything = [*REGISTRY, *READS]
    site = make_site("BENCH")
    people = [make_person(name, may=everything) for name in ("ada", "ben")]
    for user in people:
        text = f"{user.username[:3]}-{TOKEN}"
        ApiToken.objects.create(
            user=user,
            name="bench",
            prefix=text[:PREFIX_LENGTH],
            digest=digest_of(text),
            scopes=["read", *REGISTRY],
            expires_at=clock.now() + dt.timedelta(days=1),
        )
    return Plant(site, *people)


class Api:
    """Calls the API as a machine does, with a token; in this process, through all middleware."""

    def __init__(self, user: User) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {user.username[:3]}-{TOKEN}"})
        self.proof = {"username": user.username, "password": PASSWORD}

    def post(self, url: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Call an operation; anything but success stops the benchmark."""
        answer = self.client.post(
            f"/api/v1/{url}", json.dumps(body), content_type="application/json"
        )
        if answer.status_code not in {200, 201}:
            raise RuntimeError(f"{url}: {answer.status_code} {answer.content.decode()[:2000]}")
        found: dict[str, Any] = answer.json()
        return found


@contextmanager
def statements() -> Iterator[list[Statement]]:
    """Collect every statement with its parameters."""
    taken: list[Statement] = []

    def note(execute: Callable[..., Any], query: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        taken.append((query, params))
        return execute(query, params, many, context)

    with connection.execute_wrapper(note):
        yield taken
