"""The form behind the page "change password": it goes through the door like everything else."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm
from allauth.core import context

from erp.core.context import Channel
from erp.core.errors import DomainError
from erp.organisation.operations import change_password
from erp.ui.request import context_of


class ChangePassword(ChangePasswordForm):  # type: ignore[misc]
    """Present and new password; refusals of the operation stand beside the present one."""

    def clean_oldpassword(self) -> str:
        """Leave the check to the operation, which counts failures."""
        return str(self.cleaned_data.get("oldpassword", ""))

    def clean(self) -> dict[str, Any]:
        """Carry out the change once the form itself is right."""
        cleaned: dict[str, Any] = super().clean()
        if not self.errors:
            try:
                change_password(
                    context_of(context.request, Channel.WEB),
                    password=cleaned["oldpassword"],
                    new_password=cleaned["password1"],
                )
            except DomainError as refusal:
                self.add_error("oldpassword", refusal.detail)
        return cleaned

    def save(self) -> None:
        """Take over the new password, so that the session goes on."""
        self.user.refresh_from_db()
