"""Refusals about device identifiers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class IdentifierTaken(DomainError):
    """The DI was given before, whatever became of it (21 CFR 830.40)."""

    code = "traceability.identifier_taken"
    status = 409
    sentence = _(
        "%(di)s was already given to %(item)s. A device identifier is never given twice, not even"
        " after it was withdrawn."
    )


class InvalidIdentifier(DomainError):
    """The DI breaks a rule of its issuer that cannot be waived."""

    code = "traceability.invalid_identifier"
    status = 422
    sentence = _(
        "%(di)s is no device identifier of %(issuer)s: %(reason)s. Position %(position)s reads"
        " “%(found)s”, expected: %(expected)s."
    )


class DoubtfulIdentifier(DomainError):
    """The check character is wrong or stands where none belongs; it may be accepted knowingly."""

    code = "traceability.doubtful_identifier"
    status = 422
    sentence = _(
        "%(di)s looks mistyped: %(reason)s. Position %(position)s reads “%(found)s”, expected:"
        " %(expected)s. If the device really carries it, register it with “accept the warning”."
    )


class NotWritable(DomainError):
    """A number of the lot or unit does not fit the symbol, or the issuer's symbol is not made."""

    code = "traceability.udi_not_writable"
    status = 422
    sentence = _("A %(issuer)s symbol cannot hold: %(parts)s.")


class PrefixLengthOfOthers(DomainError):
    """Only a GTIN holds a GS1 company prefix."""

    code = "traceability.prefix_length_of_others"
    status = 422
    sentence = _("Only GS1 identifiers have a company prefix. Leave its length empty.")


class UnknownRevision(DomainError):
    """The item has no such revision."""

    code = "traceability.unknown_revision"
    status = 422
    sentence = _("%(item)s has no revision “%(revision)s”. Draft the revision first.")


class WrongPackaging(DomainError):
    """A package may not contain that, or is given in halves; every reason is listed."""

    code = "traceability.wrong_packaging"
    status = 422
    sentence = _("This packaging is not possible.")


class DayNotYet(DomainError):
    """What has not come yet cannot be recorded as done."""

    code = "traceability.day_not_yet"
    status = 422
    sentence = _("%(day)s lies in the future. Do this on that day or later.")


class WithdrawnBeforeValid(DomainError):
    """An identifier cannot end before it began."""

    code = "traceability.withdrawn_before_valid"
    status = 422
    sentence = _("%(di)s is valid since %(since)s. It cannot be withdrawn before that day.")
