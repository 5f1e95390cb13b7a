"""Who must have a second factor: the holders of the roles this installation names.

The sign-in library asks for a second factor wherever one is set up; here stands who may not do
without. Whoever must and has none can sign in and set one up, and nothing else: every page and
call asks :func:`refuse_without`, and so does every signature.
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Exists, OuterRef

from erp.accounts.errors import SecondFactorMissing
from erp.accounts.models import RoleAssignment, User

EVERYBODY = "*"


def refuse_without(user: User) -> None:
    """Raise ``SecondFactorMissing`` for a person who must have a second factor and has none.

    Recovery codes alone are none. One query, and none where no role asks for it.
    """
    roles = settings.SECOND_FACTOR_ROLES
    if not roles or user.is_service:
        return
    held = RoleAssignment.objects.filter(user=user, ended_at__isnull=True)
    if EVERYBODY not in roles:
        held = held.filter(role__code__in=roles)
    set_up = Authenticator.objects.filter(user=OuterRef("user"))
    if held.filter(~Exists(set_up.exclude(type=Authenticator.Type.RECOVERY_CODES))).exists():
        raise SecondFactorMissing
