"""Refusals of a trace question."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class UnknownOrigin(DomainError):
    """The address names a kind of record that no trace starts from."""

    code = "trace.unknown_origin"
    status = 422
    sentence = _("A trace cannot start from “%(origin)s”. It starts from one of: %(known)s.")


class UnknownStart(DomainError):
    """No such record, or none that this person may see."""

    code = "trace.unknown_start"
    status = 404
    sentence = _(
        "There is no %(origin)s “%(value)s” that you may see. Check the number or scan it again."
    )


class SeveralStarts(DomainError):
    """A bare number names several records."""

    code = "trace.several_starts"
    status = 422
    sentence = _("“%(value)s” names several records. Say which: %(known)s.")


class BadQuestion(DomainError):
    """A part of the question cannot be read."""

    code = "trace.bad_question"
    status = 422
    sentence = _("“%(value)s” cannot be used for “%(name)s”. Expected: %(expected)s.")


class NoPeriod(DomainError):
    """A period was asked of something that is what it is, whenever it is looked at."""

    code = "trace.no_period"
    status = 422
    sentence = _(
        "A period says nothing about %(origin)s %(value)s. Leave the period out, or start from what"
        " touches lots over time: an instrument, a person, a place, a supplier."
    )


class UnknownExposure(DomainError):
    """The address names a kind of exposure that makes no siblings."""

    code = "trace.unknown_exposure"
    status = 422
    sentence = _("Siblings through “%(via)s” are not known. They are known through: %(known)s.")


class NotInAnswer(DomainError):
    """The lot asked about is not part of this trace."""

    code = "trace.not_in_answer"
    status = 404
    sentence = _("%(lot)s is not part of this trace.")
