"""All tables of this app. The chain itself is in ``chain``; each small package adds its own."""

from __future__ import annotations

from traceability.chain import (
    EventInput,
    EventOutput,
    EventSubject,
    Lot,
    LotQuerySet,
    LotSite,
    TraceEvent,
    TraceEventQuerySet,
    standing,
    uncorrected,
)
from traceability.completeness.models import (
    CheckCount,
    CheckRun,
    CheckScore,
    Finding,
    Repair,
)
from traceability.corrections.models import CorrectiveEvent, ErrorDeclaration
from traceability.datasheets.models import DataSheet
from traceability.epcis.models import (
    CaptureJob,
    EpcisEvent,
    EpcisLink,
    EpcisReference,
    EpcisThing,
    EventQuery,
    EventSubscription,
    SubscriptionDelivery,
    SubscriptionMatch,
)
from traceability.identifiers.models import DeviceIdentifier
from traceability.labels.models import (
    LabelCount,
    LabelExamination,
    LabelJob,
    LabelLine,
    LabelTemplate,
)
from traceability.packing.models import EventUnit, LogisticUnit
from traceability.saved.models import (
    SavedTrace,
    SavedTraceLink,
    SavedTraceLot,
    SavedTraceSite,
)

__all__ = [
    "CaptureJob", "CheckCount", "CheckRun", "CheckScore", "CorrectiveEvent", "DataSheet",
    "DeviceIdentifier", "EpcisEvent", "EpcisLink", "EpcisReference", "EpcisThing",
    "ErrorDeclaration", "EventInput", "EventOutput", "EventQuery", "EventSubject",
    "EventSubscription", "EventUnit", "Finding", "LabelCount", "LabelExamination", "LabelJob",
    "LabelLine", "LabelTemplate", "LogisticUnit", "Lot", "LotQuerySet", "LotSite", "Repair",
    "SavedTrace", "SavedTraceLink", "SavedTraceLot", "SavedTraceSite", "SubscriptionDelivery",
    "SubscriptionMatch", "TraceEvent", "TraceEventQuerySet", "standing", "uncorrected",
]  # fmt: skip
