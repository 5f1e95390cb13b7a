"""What every account may do with itself."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password, make_password
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp.accounts.errors import LockedOut, WeakPassword, WrongPassword
from erp.accounts.models import User
from erp.accounts.security import WINDOW, is_locked
from erp.core import clock
from erp.core.context import Context
from erp.operations import operation
from erp.organisation import inputs, steps
from erp.organisation.errors import MachineHasNoPassword
from erp.organisation.locking import lock_user


@operation(
    "organisation.change_password",
    title=_("Change password"),
    sentence=_("Your password changes. It is asked whenever you sign in or sign a record."),
    noun="people",
    verb="change-own-password",
    input=inputs.ChangePassword,
    hidden=True,
)
def change_password(ctx: Context, *, password: str, new_password: str) -> User:
    """Change one's own password; a wrong present one counts towards the lock-out."""
    user = lock_user(ctx, ctx.actor.user_id)
    if user.is_service:
        raise MachineHasNoPassword(person=user.name)
    if is_locked(user.username):
        raise LockedOut(minutes=int(WINDOW.total_seconds() // 60))
    if not check_password(password, user.password):
        raise WrongPassword
    if password == new_password:
        raise WeakPassword(why=_now("It is the present one."))
    steps.check_strength(new_password, user)
    user.password = make_password(new_password)
    user.password_is_temporary = False
    user.password_changed_at = ctx.at or clock.now()
    user.save(update_fields=["password", "password_is_temporary", "password_changed_at"])
    return user


@operation(
    "organisation.set_language",
    title=_("Set language"),
    sentence=_("Pages, messages and packs made for you are in this language."),
    noun="people",
    verb="set-own-language",
    input=inputs.SetLanguage,
    hidden=True,
)
def set_language(ctx: Context, *, language: str) -> User:
    """Choose one's own language."""
    user = lock_user(ctx, ctx.actor.user_id)
    user.language = language
    user.save(update_fields=["language"])
    return user
