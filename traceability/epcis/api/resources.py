"""The top-level resources: what there is to ask for, and the events of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from django.db.models import Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from erp.core.actor import Actor
from traceability.epcis import query, schema, vocabulary
from traceability.epcis.api import pages
from traceability.epcis.api.base import ExchangeView, reader
from traceability.epcis.errors import NoSuchResource
from traceability.epcis.identifiers import comparable
from traceability.epcis.models import EpcisEvent, EpcisThing

TOP = ("eventTypes", "epcs", "bizSteps", "bizLocations", "readPoints", "dispositions", "events",
       "capture", "queries")  # fmt: skip


class Top(ExchangeView):
    """``/``: everything there is."""

    def get(self, request: Request) -> Response:
        """List the top-level resources."""
        reader(request)
        return Response(pages.collection(TOP))


class Resource:
    """One kind of name that events bear.

    ``column`` of the event holds it; ``standard`` are names that are known although no event bears
    them; ``normal`` is the form in which names are compared.
    """

    def __init__(
        self,
        column: str,
        *,
        standard: Callable[[], Sequence[str]] = tuple,
        normal: Callable[[str], str] = comparable,
    ) -> None:
        self.column = column
        self.standard = standard
        self.normal = normal

    def names(self, actor: Actor, after: str, limit: int) -> Sequence[str]:
        """Return the next names in order, each once."""
        rows = self._used(actor).filter(**{f"{self.column}__gt": after})
        used = rows.order_by(self.column).values_list(self.column, flat=True).distinct()[:limit]
        listed = [word for word in self.standard() if word > after]
        return sorted({*used, *listed})[:limit]

    def exists(self, actor: Actor, name: str) -> bool:
        """Tell whether there is such a name."""
        wanted = self.normal(name)
        used = self._used(actor).filter(**{self.column: wanted})
        return wanted in self.standard() or used.exists()

    def condition(self, name: str) -> Q:
        """Return which events bear this name."""
        return Q(**{self.column: self.normal(name)})

    def _used(self, actor: Actor) -> QuerySet[EpcisEvent]:
        return EpcisEvent.objects.visible_to(actor).exclude(**{self.column: ""})


class Things(Resource):
    """EPCs: single objects, by their canonical identifier."""

    def names(self, actor: Actor, after: str, limit: int) -> Sequence[str]:
        """Return the next EPCs in order, each once."""
        visible = EpcisEvent.objects.visible_to(actor)
        rows = EpcisThing.objects.filter(is_class=False, uri__gt=after, event__in=visible)
        return list(rows.order_by("uri").values_list("uri", flat=True).distinct()[:limit])

    def exists(self, actor: Actor, name: str) -> bool:
        """Tell whether an event names this thing, as an object or as a class."""
        return EpcisEvent.objects.visible_to(actor).filter(self.condition(name)).exists()

    def condition(self, name: str) -> Q:
        """Return which events name this thing in any role."""
        rows = EpcisThing.objects.filter(uri=comparable(name))
        return Q(pk__in=rows.values("event_id"))


def _words(field: str) -> Callable[[], Sequence[str]]:
    return lambda: sorted(vocabulary.known(field))


RESOURCES = {
    "eventTypes": Resource("event_type", standard=lambda: schema.EVENT_TYPES, normal=str),
    "epcs": Things("uri"),
    "bizSteps": Resource(
        "biz_step", standard=_words("bizStep"), normal=lambda n: vocabulary.bare("bizStep", n)
    ),
    "bizLocations": Resource("biz_location"),
    "readPoints": Resource("read_point"),
    "dispositions": Resource(
        "disposition",
        standard=_words("disposition"),
        normal=lambda n: vocabulary.bare("disposition", n),
    ),
}


class OfResource(ExchangeView):
    """Base of the three addresses of a resource."""

    resource: ClassVar[Resource]
    label: ClassVar[str] = ""

    def require(self, request: Request, name: str) -> Actor:
        """Return who asks, or refuse a name that nothing bears."""
        actor = reader(request)
        if not self.resource.exists(actor, name):
            raise NoSuchResource(what=self.label, name=name[:200])
        return actor


class ResourceList(OfResource):
    """``/bizSteps`` and the like: the names."""

    def get(self, request: Request) -> Response:
        """List the names, in pages."""
        actor = reader(request)
        return pages.names(request, lambda after, n: self.resource.names(actor, after, n))


class ResourceOne(OfResource):
    """``/bizSteps/{bizStep}``: what there is of one name, which is its events."""

    def get(self, request: Request, name: str) -> Response:
        """Return what can be asked for."""
        self.require(request, name)
        return Response(pages.collection(["events"]))


class ResourceEvents(OfResource):
    """``/bizSteps/{bizStep}/events``: the events that bear the name, further filtered."""

    def get(self, request: Request, name: str) -> Response:
        """Return the events."""
        self.require(request, name)
        asked = query.from_address(request.query_params)
        return pages.events(request, asked, only=self.resource.condition(name))
