"""Refusals of the exchange. Each names the exception of the standard that says the same."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class ExchangeError(DomainError):
    """Base of these refusals; ``exception`` is the standard's name (EPCIS 2.0, 8.2.10)."""

    exception: ClassVar[str] = "ValidationException"


class NotADocument(ExchangeError):
    """The body is no EPCIS document at all."""

    code = "epcis.not_a_document"
    status = 400
    sentence = _("This is not an EPCIS 2.0 document: %(reason)s")


class NotAnEvent(ExchangeError):
    """The body is no valid event."""

    code = "epcis.not_an_event"
    status = 400
    sentence = _("This event does not follow the EPCIS 2.0 schema. Each reason below says where.")


class TooManyEvents(ExchangeError):
    """More events than one call takes."""

    code = "epcis.too_many_events"
    status = 413
    exception = "CaptureLimitExceededException"
    sentence = _("The document holds %(count)s events. At most %(limit)s are taken in one call.")


class DocumentTooLarge(ExchangeError):
    """A larger body than one call takes."""

    code = "epcis.document_too_large"
    status = 413
    exception = "CaptureLimitExceededException"
    sentence = _("The document is larger than %(limit)s bytes. Send it in parts.")


class OnlyJson(ExchangeError):
    """XML, or anything else that is not JSON."""

    code = "epcis.only_json"
    status = 415
    exception = "UnsupportedMediaTypeException"
    sentence = _(
        "Events are taken as JSON-LD only: send application/json or application/ld+json. "
        "XML is not supported."
    )


class NotAcceptable(ExchangeError):
    """The caller takes no form or version we can answer in."""

    code = "epcis.not_acceptable"
    status = 406
    exception = "NotAcceptableException"
    sentence = _("%(name)s: “%(value)s” cannot be answered. Possible: %(known)s.")


class EventExists(ExchangeError):
    """An event of this name is recorded already."""

    code = "epcis.event_exists"
    status = 409
    exception = "ResourceAlreadyExistsException"
    sentence = _("An event with the id %(event)s is recorded already. Events are never changed.")


class EventIsOurs(ExchangeError):
    """Somebody else declares an event of ours to be wrong."""

    code = "epcis.event_is_ours"
    status = 403
    exception = "SecurityException"
    sentence = _("The event %(event)s is not yours. Only who recorded an event declares it wrong.")


class BadParameter(ExchangeError):
    """A query parameter that is unknown or cannot be read."""

    code = "epcis.bad_parameter"
    status = 400
    exception = "QueryParameterException"
    sentence = _("The query parameter “%(name)s” cannot be used: %(reason)s")


class TooLarge(ExchangeError):
    """More events match than the caller allowed."""

    code = "epcis.query_too_large"
    status = 413
    exception = "QueryTooLargeException"
    sentence = _("More than %(limit)s events match.")


class AddressTooLong(ExchangeError):
    """A query that no longer fits into an address."""

    code = "epcis.address_too_long"
    status = 414
    exception = "URITooLongException"
    sentence = _("The address is longer than %(limit)s characters. Define a named query instead.")


class NoSuchResource(ExchangeError):
    """Nothing here, or nothing the caller may see."""

    code = "epcis.no_such_resource"
    status = 404
    exception = "NoSuchResourceException"
    sentence = _("There is no %(what)s “%(name)s” that you may see.")


class NoSuchQuery(ExchangeError):
    """No query of this name."""

    code = "epcis.no_such_query"
    status = 404
    exception = "NoSuchNameException"
    sentence = _("There is no query “%(name)s”.")


class QueryExists(ExchangeError):
    """A query of this name is there."""

    code = "epcis.query_exists"
    status = 409
    exception = "ResourceAlreadyExistsException"
    sentence = _("A query “%(name)s” exists already. Remove it first, or choose another name.")


class BadSubscription(ExchangeError):
    """A subscription that says neither when nor where, or where not to."""

    code = "epcis.bad_subscription"
    status = 400
    exception = "SubscriptionControlsException"
    sentence = _("This subscription cannot be made: %(reason)s")


class NotSupported(ExchangeError):
    """A part of the standard that this installation does not offer."""

    code = "epcis.not_supported"
    status = 501
    exception = "ImplementationException"
    sentence = _("%(what)s is not supported here.")


class NotLinkable(ExchangeError):
    """The event names things we cannot tell; every one of them is listed."""

    code = "epcis.not_linkable"
    status = 409
    sentence = _("This event cannot be linked to lots yet. Each reason below says why.")
