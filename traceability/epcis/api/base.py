"""What all addresses of the interface share: headers, negotiation, discovery, refusals."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any, ClassVar

from django.conf import settings
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from erp.core.actor import Actor
from erp.core.errors import NotPermitted
from erp.ui.request import actor_of
from traceability.epcis.api import problems
from traceability.epcis.errors import (
    AddressTooLong,
    DocumentTooLarge,
    NotAcceptable,
    NotSupported,
    OnlyJson,
)
from traceability.epcis.inputs import FORMATS

VERSION = "2.0.0"
READ = "read"
LONGEST_ADDRESS = 4000
DEFAULT_FORMAT = "Always_GS1_Digital_Link"
MEDIA = ("application/json", "application/ld+json")
LIMITS = {
    "GS1-EPCIS-Min": VERSION,
    "GS1-EPCIS-Max": VERSION,
    "GS1-CBV-Min": VERSION,
    "GS1-CBV-Max": VERSION,
    "GS1-EPC-Format": DEFAULT_FORMAT,
    "GS1-CBV-XML-Format": "No_Preference",
    "GS1-Vendor-Version": "proofline-1",
}
_BOUNDS: tuple[tuple[str, Callable[[Any, Any], bool]], ...] = (
    ("Min", operator.ge),
    ("Max", operator.le),
)
"""How our version has to stand to a bound the client names."""


class JsonLdRenderer(JSONRenderer):
    """The same bytes for callers who ask for JSON-LD by name."""

    media_type = "application/ld+json"
    format = "jsonld"


class Negotiation(DefaultContentNegotiation):
    """Chooses by the ``Accept`` header alone; ``format`` is no parameter of the standard."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        """Return the renderer; problem documents are always to be had."""
        return super().select_renderer(request, renderers, None)

    def filter_renderers(self, renderers: Any, format: Any) -> Any:
        """Keep them all."""
        return renderers


class ExchangeView(APIView):
    """One address. ``discovery`` are further headers that ``OPTIONS`` answers."""

    renderer_classes = (JSONRenderer, JsonLdRenderer)
    parser_classes = ()
    content_negotiation_class = Negotiation
    discovery: ClassVar[dict[str, str]] = {}
    schema = None

    def get_exception_handler(self) -> Any:
        """Return what makes problem documents typed as the standard wants them."""
        return problems.handle

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse, before anything is done, what cannot be answered as asked."""
        super().initial(request, *args, **kwargs)
        if len(request.get_full_path()) > LONGEST_ADDRESS:
            raise AddressTooLong(limit=LONGEST_ADDRESS)
        _refuse_other_versions(request)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Tell what is possible here (discovery; EPCIS 2.0, 12.1)."""
        response = Response(status=204)
        for name, value in {**LIMITS, **self.discovery}.items():
            response[name] = value
        return response

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Say on every answer which versions it is of."""
        response = super().finalize_response(request, response, *args, **kwargs)
        response["GS1-EPCIS-Version"] = VERSION
        response["GS1-CBV-Version"] = VERSION
        response["GS1-Extensions"] = "proofline=urn:proofline:epcis:"
        return response


def _refuse_other_versions(request: Request) -> None:
    for part in ("EPCIS", "CBV"):
        for bound, holds in _BOUNDS:
            name = f"GS1-{part}-{bound}"
            wanted = request.headers.get(name, "").strip()
            if wanted and not holds(_numbers(VERSION), _numbers(wanted)):
                raise NotAcceptable(name=name, value=wanted, known=VERSION)
        said = request.headers.get(f"GS1-{part}-Version", "").strip()
        if said and _numbers(said)[:1] != _numbers(VERSION)[:1]:
            raise NotAcceptable(name=f"GS1-{part}-Version", value=said, known=VERSION)


_NUMBER = re.compile(r"[0-9]{1,9}")


def _numbers(version: str) -> tuple[int, ...]:
    parts = [int(p) if _NUMBER.fullmatch(p) else 0 for p in version.split(".")[:3]]
    return tuple([*parts, 0, 0][:3])


def reader(request: Request) -> Actor:
    """Return who asks; refuse a token that may not read."""
    actor = actor_of(request)
    if actor.scopes is not None and READ not in actor.scopes:
        raise NotPermitted(operation=READ)
    return actor


def format_of(request: Request) -> str:
    """Return in which form identifiers are wanted; the standard's default is the Digital Link."""
    wanted = request.headers.get("GS1-EPC-Format", "").strip() or DEFAULT_FORMAT
    if wanted not in FORMATS:
        raise NotAcceptable(name="GS1-EPC-Format", value=wanted[:60], known=", ".join(FORMATS))
    return wanted


def body_of(request: Request) -> bytes:
    """Return the body of a request as it came, which is what is kept; only JSON is taken."""
    media = (request.content_type or "").partition(";")[0].strip().lower()
    if media not in MEDIA:
        raise OnlyJson
    raw: bytes = request._request.read(settings.EPCIS_MAX_BYTES + 1)
    if len(raw) > settings.EPCIS_MAX_BYTES:
        raise DocumentTooLarge(limit=settings.EPCIS_MAX_BYTES)
    return raw


def refuse_socket(request: Request) -> None:
    """Subscriptions are served by webhook only."""
    if request.headers.get("Upgrade", "").lower() == "websocket":
        raise NotSupported(what="WebSocket")
