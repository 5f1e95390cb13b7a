"""Refusals about people, roles and tokens."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class UsernameTaken(DomainError):
    """A user name was given before, perhaps to someone who left (21 CFR 11.100(a))."""

    code = "organisation.username_taken"
    status = 409
    sentence = _("The user name %(username)s was given before. User names are never given twice.")


class CodeTaken(DomainError):
    """A code exists already."""

    code = "organisation.code_taken"
    status = 409
    sentence = _("The code %(value)s is already used.")


class IdentityNotVerified(DomainError):
    """The right to sign needs a verified identity (21 CFR 11.100(b))."""

    code = "organisation.identity_not_verified"
    status = 422
    sentence = _(
        "Say who verified this person's identity, when and how. Without it the person may not sign."
    )


class UnknownPermission(DomainError):
    """A permission names no operation."""

    code = "organisation.unknown_permission"
    status = 422
    sentence = _("These are not operations: %(codes)s. Copy the codes from the operations manual.")


class RoleHeld(DomainError):
    """The person holds the role there already."""

    code = "organisation.role_held"
    status = 409
    sentence = _("%(person)s already holds this role there.")


class RoleNotHeld(DomainError):
    """The person does not hold the role there."""

    code = "organisation.role_not_held"
    status = 409
    sentence = _("%(person)s does not hold this role there, so it cannot end.")


class OneScope(DomainError):
    """A role is held at a site, at a company, or everywhere."""

    code = "organisation.one_scope"
    status = 422
    sentence = _("Choose a site or a company, not both. Leave both empty for everywhere.")


class NotActive(DomainError):
    """The account was deactivated."""

    code = "organisation.not_active"
    status = 409
    sentence = _("%(person)s is not active.")


class TokenOfAnother(DomainError):
    """A token of a person acts as that person, so only that person may have it made."""

    code = "organisation.token_of_another"
    status = 403
    sentence = _(
        "A token acts in the name of its account. For a person, only that person can issue one."
    )


class MachineHasNoPassword(DomainError):
    """Service accounts have tokens."""

    code = "organisation.machine_has_no_password"
    status = 409
    sentence = _("%(person)s is a service account: it has tokens, not a password.")
