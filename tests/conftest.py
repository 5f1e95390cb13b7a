"""What all tests share: a real PostgreSQL in two roles, the cast, and contexts to act in.

The test database is made by the owner and then used as the application's role, as in production, so
a missing privilege shows. Tests run in a transaction that is rolled back; tests that must commit
(two connections, Celery, browser) use ``committed`` and leave what they wrote: evidence tables
refuse deletion, to tests as well, so every such test makes its own records.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from django.utils import translation

from erp.accounts.models import Company, Role, RoleAssignment, RolePermission, Site, User
from erp.accounts.queries import actor_for
from erp.core.context import Channel, Context, SigningProof

PASSWORD = "correct horse battery"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that commit: they run apart from those that expect an empty database."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if names & {"committed", "address"} or "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.commits)


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: Any
) -> Iterator[None]:
    """Make the test database as its owner, then log in as the application's role."""
    database = settings.DATABASES["default"]
    app = {key: database[key] for key in ("USER", "PASSWORD")}
    owner = {key: settings.OWNER_DATABASE[key] for key in ("USER", "PASSWORD")}
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    name = os.environ.get("PROOFLINE_TEST_DB", "test_proofline") + (f"_{worker}" if worker else "")
    connection.settings_dict["TEST"]["NAME"] = name
    keep = bool(request.config.getvalue("reuse_db")) and not request.config.getvalue("create_db")
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict.update(owner)
        made = setup_databases(verbosity=0, interactive=False, keepdb=keep)
        connection.close()
        connection.settings_dict.update(app)
    yield
    if not keep:
        with django_db_blocker.unblock():
            connection.close()
            connection.settings_dict.update(owner)
            teardown_databases(made, verbosity=0)


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let a test commit. What it writes stays, as evidence does."""
    with django_db_blocker.unblock():
        yield
        connection.close()


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Begin every test in English, whatever language the one before it ended in."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _fast_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def site(db: None) -> Site:
    """Return the site where most things happen."""
    return make_site("S1")


@pytest.fixture
def other_site(db: None) -> Site:
    """Return a site of another company, where Dan works."""
    return make_site("S2")


def make_site(code: str) -> Site:
    """Make a site with its company and its virtual and usual places."""
    from erp.masterdata.models import Location  # noqa: PLC0415 - after the settings are read

    company = Company.objects.create(code=f"C-{code}", name=f"Company {code}", country="DE")
    site = Site.objects.create(company=company, code=code, name=f"Site {code}", country="DE")
    kinds = ["storage", "quarantine", "line", "dispatch", *sorted(Location.VIRTUAL)]
    Location.objects.bulk_create(
        Location(
            site=site, code=f"{code}-{kind}", name=kind, kind=kind, virtual=kind in Location.VIRTUAL
        )
        for kind in kinds
    )
    return site


MakePerson = Callable[..., User]


@pytest.fixture
def person(db: None) -> MakePerson:
    """Return a maker of people: ``person("ben", may=[…codes or operations], site=site)``."""
    return make_person


def make_person(
    username: str, *, may: Any = (), site: Site | None = None, service: bool = False
) -> User:
    """Make a person who holds these operations at a site (everywhere without one)."""
    user = User.objects.create(username=username, name=username.title(), is_service=service)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    role = Role.objects.create(code=f"role-{username}", name=f"Role of {username}")
    codes = {getattr(op, "code", op) for op in may}
    RolePermission.objects.bulk_create(
        RolePermission(role=role, operation=code) for code in sorted(codes)
    )
    RoleAssignment.objects.create(user=user, role=role, site=site)
    return user


def ctx_for(user: User, **more: Any) -> Context:
    """Return the context in which this person acts."""
    return Context(actor=actor_for(user), channel=Channel.TEST, **more)


def signed(user: User, *, password: str = PASSWORD, **more: Any) -> Context:
    """Return a context in which this person signs."""
    return ctx_for(user, signature=SigningProof(user.username, password), **more)


@pytest.fixture
def ada(db: None) -> User:
    """Ada approves: every operation, everywhere."""
    from erp.operations import REGISTRY  # noqa: PLC0415 - after the apps are loaded

    return make_person("ada", may=REGISTRY.values())


@pytest.fixture
def ben(db: None, site: Site) -> User:
    """Ben operates: every operation at his site."""
    from erp.operations import REGISTRY  # noqa: PLC0415

    return make_person("ben", may=REGISTRY.values(), site=site)


@pytest.fixture
def cleo(db: None) -> User:
    """Cleo audits: sees everything, changes nothing."""
    return make_person("cleo")


@pytest.fixture
def dan(db: None, other_site: Site) -> User:
    """Dan works at another site: every operation there, and must see nothing of ours."""
    from erp.operations import REGISTRY  # noqa: PLC0415

    return make_person("dan", may=REGISTRY.values(), site=other_site)
