"""Keys for machines: shown once, kept as a hash, with scopes and an end."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp.accounts.authentication import PREFIX_LENGTH, digest_of
from erp.accounts.models import ApiToken
from erp.core import clock
from erp.core.context import Context
from erp.operations import Reason, operation
from erp.organisation import inputs
from erp.organisation.errors import NotActive, TokenOfAnother
from erp.organisation.locking import lock_token, lock_user
from erp.organisation.operations.people import home_site_of
from erp.organisation.permissions import TOKEN_READ, checked

BRAND = "pl_"


@operation(
    "organisation.issue_token",
    title=_("Issue token"),
    sentence=_(
        "A key is made and shown once. It acts in the name of this account, within its scopes."
    ),
    noun="people",
    verb="issue-token",
    subject="accounts.User",
    subject_arg="user_id",
    input=inputs.IssueToken,
    site_of=home_site_of,
)
def issue_token(ctx: Context, *, user_id: int, name: str, scopes: list[str], days: int) -> ApiToken:
    """Make a token of a service account or of oneself; its text is only on the result."""
    user = lock_user(ctx, user_id)
    if not user.is_active:
        raise NotActive(person=user.name)
    if not user.is_service and user.pk != ctx.actor.user_id:
        raise TokenOfAnother
    text = new_text()
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=text[:PREFIX_LENGTH],
        digest=digest_of(text),
        scopes=checked(scopes, also=[TOKEN_READ]),
        expires_at=(ctx.at or clock.now()) + dt.timedelta(days=days),
    )
    return _show_once(token, text)


def new_text() -> str:
    """Return the text of a new token: a recognisable prefix and 256 random bits."""
    return f"{BRAND}{secrets.token_hex(4)}_{secrets.token_urlsafe(32)}"


def _show_once(token: ApiToken, text: str) -> ApiToken:
    """Leave the text on the returned record, where the doors show it once."""
    shown: Any = token
    shown.text = text
    shown.once = _now("The token is %(token)s. Copy it now: it is not shown again.") % {
        "token": text
    }
    shown.api_answer = lambda: {
        "id": token.pk,
        "name": token.name,
        "token": text,
        "scopes": token.scopes,
        "expires_at": token.expires_at.isoformat(),
    }
    return token


@operation(
    "organisation.revoke_token",
    title=_("Revoke"),
    sentence=_("The token stops working at once."),
    noun="tokens",
    verb="revoke",
    subject="accounts.ApiToken",
    subject_arg="token_id",
    site_of=lambda token, values: token.user.home_site_id,
    reason=Reason.REQUIRED,
    danger=True,
)
def revoke_token(ctx: Context, *, token_id: int) -> ApiToken:
    """End a token before its time."""
    token = lock_token(ctx, token_id)
    if token.revoked_at is not None:
        raise NotActive(person=token.name)
    token.revoked_at = ctx.at or clock.now()
    token.save(update_fields=["revoked_at"])
    return token
