"""Telling a subscriber by HTTP: where it may go, how it is signed, what counts as told.

Whoever may subscribe makes this server call an address, so the address is looked at twice: when the
subscription is made and, resolved, before every call. Redirects are not followed.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import socket
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from traceability.epcis.errors import BadSubscription

TIMEOUT = 10
_PORTS = {"http": 80, "https": 443}
_OK = range(200, 300)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a call: the HTTP status, if any, and what went wrong."""

    status: int | None
    error: str = ""

    @property
    def taken(self) -> bool:
        """Tell whether the subscriber took it."""
        return self.status in _OK


def check(address: str) -> None:
    """Refuse an address that may not be called, with a sentence that says why."""
    try:
        parts = urlsplit(address)
        known = parts.scheme in _PORTS and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise BadSubscription(reason=_("“dest” is not a web address"))
    if parts.username or parts.password:
        raise BadSubscription(reason=_("“dest” holds a user name or a password"))
    listed = parts.hostname in settings.EPCIS_WEBHOOK_HOSTS
    if settings.SECURE and parts.scheme != "https" and not listed:
        raise BadSubscription(reason=_("“dest” must begin with https://"))
    _refuse_host(parts.hostname or "", listed=listed)


def _refuse_host(host: str, *, listed: bool) -> None:
    if settings.EPCIS_WEBHOOK_HOSTS and not listed:
        raise BadSubscription(
            reason=_("“%(host)s” is not among the hosts allowed") % {"host": host}
        )
    for found in map(_carried, _addresses(host)) if not listed else ():
        wrong = found.is_link_local or found.is_multicast or found.is_unspecified
        if wrong or (settings.SECURE and found.is_loopback):
            raise BadSubscription(reason=_("“%(host)s” may not be called") % {"host": host})


def _addresses(host: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """Return the addresses of a host; none while its name cannot be resolved."""
    try:
        found = socket.getaddrinfo(host, None, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):  # Nobody's, or a name that no name can be.
        return []
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _carried(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the IPv4 address that an IPv6 address stands for, where it stands for one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could lead where the address may not."""

    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        """Follow nothing."""


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


def signature(body: bytes, secret: str) -> str:
    """Return what ``GS1-Signature`` says: HMAC with SHA-256 over the body, in hexadecimal."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def tell(address: str, body: bytes, secret: str) -> Answer:
    """Send a document and return the answer; every failure is an answer, too."""
    try:
        check(address)
    except BadSubscription as refusal:
        return Answer(None, str(refusal))
    headers = {"Content-Type": "application/json", "GS1-EPCIS-Version": "2.0.0"}
    if secret:
        headers["GS1-Signature"] = signature(body, secret)
    request = urllib.request.Request(address, data=body, headers=headers, method="POST")  # noqa: S310
    try:
        with _opener.open(request, timeout=TIMEOUT) as response:
            return Answer(response.status)
    except urllib.error.HTTPError as error:
        return Answer(error.code, str(error.reason)[:500])
    except (OSError, ValueError) as error:
        return Answer(None, f"{type(error).__name__}: {error}"[:500])
