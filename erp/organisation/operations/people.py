"""Who works here: people and machines are registered, revised, deactivated; never deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext_lazy as _

from erp.accounts import security
from erp.accounts.models import SecurityEvent, User
from erp.core import clock
from erp.core.context import Context
from erp.operations import Reason, operation
from erp.operations.declaration import EarlierStep
from erp.organisation import inputs, steps
from erp.organisation.errors import MachineHasNoPassword, NotActive
from erp.organisation.events import PersonDeactivated
from erp.organisation.locking import lock_open_assignments, lock_user


def not_oneself(user: User) -> Sequence[EarlierStep]:
    """Bar people from changing their own account (segregation of duties)."""
    return [(user.pk, user.name, _("hold this account"))]


def home_site_of(user: User | None, values: Mapping[str, Any]) -> int | None:
    """Return the site at which the permission is needed: the person's home site."""
    return user.home_site_id if user is not None else values.get("home_site_id")


@operation(
    "organisation.register_person",
    title=_("Register person"),
    sentence=_(
        "A person gets an account with a first password, which must be changed before signing."
    ),
    noun="people",
    verb="register",
    creates="accounts.User",
    input=inputs.RegisterPerson,
    site_of=home_site_of,
)
def register_person(
    ctx: Context,
    /,
    *,
    username: str,
    password: str,
    identity_checked: str,
    may_sign: bool,
    **known: Any,
) -> User:
    """Make an account: no name is given twice (11.100(a)), identity comes first (11.100(b))."""
    steps.refuse_unverified_signer(may_sign=may_sign, identity_checked=identity_checked)
    user = User(username=steps.new_username(username), may_sign=may_sign, **known)
    user.identity_checked = identity_checked
    steps.check_strength(password, user)
    user.password = make_password(password)
    user.password_is_temporary = True
    user.save(force_insert=True)
    return user


@operation(
    "organisation.revise_person",
    title=_("Revise"),
    sentence=_(
        "Name, address, home site or the right to sign change; old signatures keep the old name."
    ),
    noun="people",
    verb="revise",
    subject="accounts.User",
    subject_arg="user_id",
    input=inputs.PersonFields,
    site_of=home_site_of,
    other_than=not_oneself,
    reason=Reason.REQUIRED,
)
def revise_person(
    ctx: Context, /, *, user_id: int, identity_checked: str, may_sign: bool, **known: Any
) -> User:
    """Change what is known of a person."""
    user = lock_user(ctx, user_id)
    steps.refuse_unverified_signer(may_sign=may_sign, identity_checked=identity_checked)
    changed = {**known, "identity_checked": identity_checked, "may_sign": may_sign}
    for name, value in changed.items():
        setattr(user, name, value)
    user.save(update_fields=list(changed))
    return user


@operation(
    "organisation.deactivate_person",
    title=_("Deactivate"),
    sentence=_(
        "The person can no longer sign in or sign; roles end and tokens are revoked. Records stay."
    ),
    noun="people",
    verb="deactivate",
    subject="accounts.User",
    subject_arg="user_id",
    site_of=home_site_of,
    other_than=not_oneself,
    reason=Reason.REQUIRED,
    danger=True,
)
def deactivate_person(ctx: Context, *, user_id: int) -> User:
    """Close an account for good: it is never deleted and its name never given again."""
    user = lock_user(ctx, user_id)
    if not user.is_active:
        raise NotActive(person=user.name)
    user.is_active = False
    user.save(update_fields=["is_active"])
    steps.end_assignments(ctx, lock_open_assignments(ctx, user.pk))
    steps.revoke_tokens(ctx, user)
    ctx.emit(PersonDeactivated(user.pk))
    return user


@operation(
    "organisation.reset_password",
    title=_("Reset password"),
    sentence=_("The person gets a new first password and cannot sign until it is changed."),
    noun="people",
    verb="reset-password",
    subject="accounts.User",
    subject_arg="user_id",
    input=inputs.ResetPassword,
    site_of=home_site_of,
    other_than=not_oneself,
    reason=Reason.REQUIRED,
)
def reset_password(ctx: Context, *, user_id: int, password: str) -> User:
    """Give a first password; signing stays closed until its owner chose another (11.200(a)(2))."""
    user = lock_user(ctx, user_id)
    if user.is_service:
        raise MachineHasNoPassword(person=user.name)
    steps.check_strength(password, user)
    user.password = make_password(password)
    user.password_is_temporary = True
    user.password_changed_at = None
    user.save(update_fields=["password", "password_is_temporary", "password_changed_at"])
    return user


@operation(
    "organisation.unlock_person",
    title=_("Unlock"),
    sentence=_("The person can sign in and sign again at once."),
    noun="people",
    verb="unlock",
    subject="accounts.User",
    subject_arg="user_id",
    site_of=home_site_of,
    other_than=not_oneself,
    reason=Reason.REQUIRED,
)
def unlock_person(ctx: Context, *, user_id: int) -> User:
    """End a lock-out before its time."""
    user = lock_user(ctx, user_id)
    security.note(
        SecurityEvent.Kind.UNLOCKED,
        username=user.username.lower(),
        user_id=user.pk,
        operation=ctx.operation_code,
        channel=ctx.channel,
        address=ctx.address,
        request_id=ctx.request_id,
        detail={"by": ctx.actor.username},
    )
    return user


@operation(
    "organisation.create_service_account",
    title=_("Create service account"),
    sentence=_(
        "A machine or a task gets a name of its own. It has tokens, no password, and cannot sign."
    ),
    noun="people",
    verb="create-service-account",
    creates="accounts.User",
    input=inputs.CreateServiceAccount,
    site_of=home_site_of,
)
def create_service_account(
    ctx: Context, *, username: str, name: str, home_site_id: int | None = None
) -> User:
    """Make an account for a machine."""
    return User.objects.create(
        username=steps.new_username(username),
        name=name,
        home_site_id=home_site_id,
        is_service=True,
        may_sign=False,
        password=make_password(None),
        password_changed_at=clock.now(),
    )
