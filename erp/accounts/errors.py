"""Refusals about identity."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError, NotSignedIn


class SignatureMissing(DomainError):
    """The operation is signed and no signature came with it."""

    code = "accounts.signature_missing"
    status = 401
    sentence = _("This must be signed. Enter your password to sign as “%(meaning)s”.")


class OtherMeaning(DomainError):
    """The signature came with a meaning that this operation does not have."""

    code = "accounts.signature_meaning"
    status = 422
    sentence = _("This is signed as “%(meaning)s”, and “%(given)s” was given. Nothing was done.")


class SignatureRefused(DomainError):
    """The identity given at signing could not be proved."""

    code = "accounts.signature_refused"
    status = 401
    sentence = _(
        "User name or password is wrong, so nothing was signed and nothing was changed. Try again."
    )


class SignerIsNotActor(DomainError):
    """Someone tried to sign with another person's name."""

    code = "accounts.signer_is_not_actor"
    status = 403
    sentence = _("You are signed in as %(actor)s and can only sign as yourself.")


class MayNotSign(DomainError):
    """Service accounts, and people whose right to sign is not given, cannot sign."""

    code = "accounts.may_not_sign"
    status = 403
    sentence = _("%(actor)s may not sign. Signing is for people whose identity was verified.")


class PasswordNotOwn(DomainError):
    """Somebody else knows the password, so it proves nothing (21 CFR 11.200(a)(2))."""

    code = "accounts.password_not_own"
    status = 403
    sentence = _("Your password was given to you by someone else. Change it, then sign.")


class SecondFactorMissing(NotSignedIn):
    """A role of this person asks for a second factor, and none is set up."""

    code = "accounts.second_factor_missing"
    sentence = _("Your role asks for a second factor at sign-in. Set one up first, then go on.")


class LockedOut(DomainError):
    """Too many failures; signing in and signing are closed for a while."""

    code = "accounts.locked_out"
    status = 429
    sentence = _(
        "Too many wrong passwords. Wait %(minutes)s minutes or ask the system administrator."
    )


class WrongPassword(DomainError):
    """The present password was wrong where it was asked again; counts towards the lock-out."""

    code = "accounts.wrong_password"
    status = 422
    sentence = _("The present password is wrong, so nothing was changed. Try again.")


class WeakPassword(DomainError):
    """The password does not meet the policy."""

    code = "accounts.weak_password"
    status = 422
    sentence = _("The password is not strong enough: %(why)s")
