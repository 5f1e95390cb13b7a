"""Which permissions exist: the code of every operation, and a few rights to read."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from django.utils.translation import gettext_lazy as _

from erp.core.errors import Text
from erp.operations import REGISTRY
from erp.organisation.errors import UnknownPermission

READ_PEOPLE = "read.people"
READ_LOG = "read.operation_log"
READ_ACCESS = "read.access_log"

READS: dict[str, Text] = {
    READ_PEOPLE: _("See people, roles and tokens"),
    READ_LOG: _("See the operation log and all signatures"),
    READ_ACCESS: _("See the access log"),
}

OWN = ("organisation.set_language", "organisation.change_password")
"""What every account may do with itself, so every role holds it."""

TOKEN_READ = "read"  # noqa: S105 - the name of a scope


def known() -> frozenset[str]:
    """Return every permission a role can hold."""
    return frozenset(REGISTRY) | frozenset(READS)


def checked(codes: Iterable[str], *, also: Iterable[str] = ()) -> list[str]:
    """Return the codes once and in order, or raise ``UnknownPermission`` naming the others."""
    wanted = {code.strip() for code in codes if code.strip()}
    unknown = wanted - known() - set(also)
    if unknown:
        raise UnknownPermission(codes=", ".join(sorted(unknown)))
    return sorted(wanted)


def matching(patterns: Iterable[str]) -> list[str]:
    """Return the permissions that match one of the patterns (``procurement.*``)."""
    wanted = list(patterns)
    return sorted(code for code in known() if any(fnmatchcase(code, p) for p in wanted))


def title_of(code: str) -> Text:
    """Return the words of a permission."""
    return READS[code] if code in READS else REGISTRY[code].title if code in REGISTRY else code
