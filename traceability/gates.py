"""What a lot may be used for: the questions, and the answers that follow from the lot itself."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core import clock
from erp.core.errors import Blocker, RecordRef
from erp.gates import Answer, Question
from traceability.models import Lot
from traceability.states import LotState

ISSUE = gates.define("lot.issue", _("May these lots be used in production?"))
ALLOCATE = gates.define("lot.allocate", _("May these lots be promised to a customer?"))
SHIP = gates.define("lot.ship", _("May these lots leave for a customer?"))
RELEASE = gates.define("lot.release", _("May these lots be released?"))


def ref(lot: Lot) -> RecordRef:
    """Return the pointer to a lot."""
    return RecordRef("traceability.lot", str(lot.pk), lot.number, f"/lots/{lot.pk}/")


def _lots(question: Question) -> QuerySet[Lot]:
    return Lot.objects.filter(pk__in=question.ids)


@gates.check(ISSUE)
@gates.check(ALLOCATE)
@gates.check(SHIP)
def not_released(question: Question) -> Iterator[Answer]:
    """Only released lots are used, promised or shipped (ISO 13485, 8.2.6)."""
    for lot in _lots(question).exclude(state=LotState.RELEASED):
        sentence = _("%(lot)s is not released: its state is %(state)s.") % {
            "lot": lot.number,
            "state": lot.get_state_display(),
        }
        yield Answer(lot.pk, Blocker("lot.not_released", sentence, ref(lot), waivable=True))


@gates.check(ISSUE)
@gates.check(ALLOCATE)
@gates.check(SHIP)
@gates.check(RELEASE)
def expired(question: Question) -> Iterator[Answer]:
    """Nothing past its expiry date is used, promised, released or shipped."""
    for lot in _lots(question).filter(expires_on__lt=clock.today()):
        sentence = _("%(lot)s expired on %(date)s.") % {"lot": lot.number, "date": lot.expires_on}
        yield Answer(lot.pk, Blocker("lot.expired", sentence, ref(lot)))
