"""From a code that was scanned or typed to what it names: unit, lot, item, place, order, person.

Whoever issued it, the code is read by :mod:`traceability.udi`. The DI with the serial number leads
to the unit, with the lot number to the lot, alone to the item. Other elements lead where their
number is known; a higher app that keeps such numbers registers :func:`by_element`. For what leads
nowhere, apps register :func:`offer`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from erp.core.actor import Actor
from erp.core.errors import Text
from erp.masterdata.models import Item
from erp.ui.page import Action
from erp.ui.scan import MAX_HITS, Hit, exact, resolver
from erp.ui.scan import Reading as Answer
from traceability.identifiers.queries import by_di
from traceability.models import Lot
from traceability.reading import read
from traceability.scan_words import facts_of, what_is
from traceability.udi import Issuer, Reading, UdiRefused

REGISTER_IDENTIFIER = "traceability.register_identifier"
NUMBERS = ("400", "402", "401", "253", "8003", "8004", "8017", "8018", "414", "417", "00")
"""Elements whose value may be the number of a record: orders, documents, instruments, places."""

Offer = Callable[[Actor, Reading, Sequence[Item]], Sequence[Action]]
ByElement = Callable[[Actor, str], Sequence[Hit]]

_offers: list[Offer] = []
_by_element: dict[str, ByElement] = {}


def offer(function: Offer) -> Offer:
    """Register what can be done with a code that leads to no lot; given are the items of its DI."""
    if function not in _offers:
        _offers.append(function)
    return function


def by_element(ai: str) -> Callable[[ByElement], ByElement]:
    """Register who knows the numbers of one GS1 element, as ``00`` for logistic units."""

    def register(function: ByElement) -> ByElement:
        _by_element[ai] = function
        return function

    return register


def items_by_di(issuer: Issuer, di: str) -> QuerySet[Item]:
    """Return the items that a device identifier stands for, withdrawn ones included."""
    return Item.objects.filter(identifiers__in=by_di(issuer, di)).distinct()


@resolver
def from_code(actor: Actor, text: str) -> Answer:
    """Read a code; what breaks its rules leads nowhere and says why, what is doubtful says so."""
    try:
        reading = read(text)
    except UdiRefused as refused:
        return _refused(actor, text, refused)
    return _answer(actor, reading, ())


def _refused(actor: Actor, text: str, refused: UdiRefused) -> Answer:
    if refused.issuer is Issuer.NONE and not text.startswith("]"):
        return Answer()  # No code of anybody's: a number of ours, or words to search for.
    if refused.finding.tolerance:
        try:
            return _answer(actor, read(text, strict=False), (refused.detail,))
        except UdiRefused as again:
            refused = again
    return Answer(doubts=[refused.detail])


def _answer(actor: Actor, reading: Reading, doubts: Sequence[Text]) -> Answer:
    if reading.issuer is Issuer.NONE:
        return Answer(hits=exact(actor, reading.text))
    facts = facts_of(reading)
    items = list(items_by_di(reading.issuer, reading.di)[:MAX_HITS]) if reading.di else []
    lots = list(_lots(actor, reading, items)) if items else []
    hits = [_hit(lot) for lot in lots] or _numbers(actor, reading)
    said = [*doubts, *_contradictions(reading, lots)]
    if not hits:
        hits = [Hit(_("item"), i.code, i.name, f"/items/{i.pk}/", "box") for i in items]
        said += _missing(reading, items)
    return Answer(facts, hits, said, [] if lots else _all_offers(actor, reading, items))


def _lots(actor: Actor, reading: Reading, items: Sequence[Item]) -> QuerySet[Lot]:
    """Return the unit, or the lot where no serial number was given."""
    rows = Lot.objects.visible_to(actor).filter(item__in=items).select_related("item")
    if reading.serial:
        units = rows.filter(number=reading.serial, kind=Lot.Kind.SERIAL)
        if reading.lot:
            units = units.filter(Q(batch__number=reading.lot) | Q(batch__isnull=True))
        return units[:MAX_HITS]
    if not reading.lot:
        return rows.none()
    named = Q(number=reading.lot, kind=Lot.Kind.LOT) | Q(supplier_lot=reading.lot)
    return rows.filter(named)[:MAX_HITS]


def _hit(lot: Lot) -> Hit:
    return Hit(lot.get_kind_display(), lot.number, lot.item.name, f"/lots/{lot.pk}/", "barcode")


def _numbers(actor: Actor, reading: Reading) -> list[Hit]:
    """Return the records whose number one of the other elements carries."""
    hits: list[Hit] = []
    for code, value in reading.ais.items():
        if code in _by_element:
            hits += _by_element[code](actor, value)
        elif code in NUMBERS:
            hits += exact(actor, value)
    return hits


def _contradictions(reading: Reading, lots: Sequence[Lot]) -> list[Text]:
    """Say where the label and the record disagree: one of the two is wrong."""
    stated = reading.expiry
    if stated is None:
        return []
    sentence = _("The label says that %(lot)s expires %(label)s. The record says %(record)s.")
    return [
        sentence % {"lot": lot.number, "label": stated.value, "record": lot.expires_on}
        for lot in lots
        if lot.expires_on and not stated.first <= lot.expires_on <= stated.last
    ]


def _missing(reading: Reading, items: Sequence[Item]) -> list[Text]:
    """Say why the code leads no further."""
    if reading.di and not items:
        return [_("No item here has this device identifier.")]
    if items and reading.serial:
        return [_("The item is known. A unit with this serial number is not, or not to you.")]
    if items and reading.lot:
        return [_("The item is known. A lot with this number is not, or not to you.")]
    return [] if items else [what_is(reading)]


def _all_offers(actor: Actor, reading: Reading, items: Sequence[Item]) -> list[Action]:
    made = [action for function in _offers for action in function(actor, reading, items)]
    number = reading.serial or reading.lot
    if number:
        lots = "/lots/?" + urlencode({"search": number})
        made.append(
            Action("", _("Search lots and units for %(number)s") % {"number": number}, lots)
        )
    return made


@offer
def register_identifier(actor: Actor, reading: Reading, items: Sequence[Item]) -> Sequence[Action]:
    """Offer to register a device identifier that is not known yet."""
    if items or not reading.di or not actor.may(REGISTER_IDENTIFIER):
        return []
    given = urlencode({"di": reading.di, "issuer": reading.issuer})
    label = _("Register this device identifier")
    return [Action(REGISTER_IDENTIFIER, label, f"/do/{REGISTER_IDENTIFIER}/?{given}")]


@offer
def see_lots(actor: Actor, reading: Reading, items: Sequence[Item]) -> Sequence[Action]:
    """Offer the lots of an item that is known."""
    return [
        Action(
            "",
            _("Lots and units of %(item)s") % {"item": item.code},
            "/lots/?" + urlencode({"search": item.code}),
        )
        for item in items
    ]
