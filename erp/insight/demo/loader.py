"""Loads the demonstration plant once, and writes down who can sign in."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import get_hasher
from django.db.models import QuerySet

from erp.accounts.models import Company, Role, User
from erp.core import clock
from erp.insight.demo import places, public_records, story
from erp.insight.demo.calendar import Calendar
from erp.insight.demo.people import PASSWORD, PEOPLE
from erp.insight.demo.stage import Stage
from erp.sales.models import SalesOrder

LOGINS = "demo-logins.json"
QUICK_ROUNDS = 5_000
"""The password of the demonstration is printed at every start: hashing it slowly guards nothing."""

Say = Callable[[str], None]


class NotEmpty(Exception):
    """The database holds another company's data, or part of a load; a demonstration is not
    mixed in.
    """


@dataclass
class Loaded:
    """What a load did."""

    already: bool = False
    operations: int = 0
    seconds: float = 0.0
    public: list[str] = field(default_factory=list)


def load(scale: int = 1, say: Say = lambda text: None) -> Loaded:
    """Load the plant unless it is there; raise ``NotEmpty`` on anything else in the database."""
    done = Loaded()
    if is_loaded():
        done.already = True
        write_logins()
        return done
    if Company.objects.exists() or User.objects.filter(is_service=False).exists():
        raise NotEmpty
    if not Role.objects.exists():
        raise NotEmpty
    began = time.monotonic()
    stage = Stage(Calendar(clock.today()), PASSWORD)
    with _quick_hashing():
        story.tell(stage, scale)
    done.public = public_records.report()
    done.operations = stage.done
    done.seconds = time.monotonic() - began
    write_logins()
    say(f"{done.operations} operations in {done.seconds:.1f} s")
    return done


def is_loaded() -> bool:
    """Tell whether the plant was loaded to its end: its last person's last task is there."""
    return Company.objects.filter(code=places.COMPANY["code"]).exists() and marker().exists()


def marker() -> QuerySet[SalesOrder]:
    """Return what only a finished story holds: the order that is taken last."""
    return SalesOrder.objects.filter(reference="OHIO-000")


def write_logins() -> Path:
    """Write who can sign in, for people and for the check; readable by this user only."""
    path = Path(settings.DATA_DIR) / LOGINS
    names = {role.code: role.name for role in Role.objects.all()}
    rows = [
        {
            "username": person.username,
            "password": PASSWORD,
            "name": person.name,
            "role": ", ".join(names.get(code, code) for code in person.roles),
            "site": person.site or "all sites",
        }
        for person in PEOPLE
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_suffix(".tmp")
    handle = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(rows, file, ensure_ascii=False, indent=1)
    waiting.replace(path)
    return path


@contextmanager
def _quick_hashing() -> Iterator[None]:
    hasher: Any = get_hasher("default")
    usual = getattr(hasher, "iterations", None)
    if usual is None:
        yield
        return
    hasher.iterations = QUICK_ROUNDS
    try:
        yield
    finally:
        hasher.iterations = usual
