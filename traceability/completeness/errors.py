"""Refusals of evidence checks and repairs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class DocumentMissing(DomainError):
    """A repair rests on a document; none is attached to the finding."""

    code = "evidence.document_missing"
    status = 409
    sentence = _(
        "Attach the document this rests on to %(finding)s first: a repair without one is a claim."
    )


class RepairedAlready(DomainError):
    """The same kind of repair was recorded for this finding before."""

    code = "evidence.repaired_already"
    status = 409
    sentence = _(
        "%(finding)s has such a repair already: event #%(event)s. If that is wrong, correct the"
        " event; if the gap is still there, explain it."
    )


class WrongRepair(DomainError):
    """What is to be recorded does not mend what this finding is about."""

    code = "evidence.wrong_repair"
    status = 409
    sentence = _("“%(repair)s” does not mend “%(check)s”. Explain it, or correct the event.")


class OutOfOrder(DomainError):
    """The time given cannot be true beside what is recorded already."""

    code = "evidence.out_of_order"
    status = 422
    sentence = _("%(given)s cannot be: %(because)s.")
