"""The tables of quality, gathered for Django from the sub-domains that own them."""

from quality.inspection.models import Characteristic, Inspection, InspectionPlan, InspectionResult
from quality.nonconformity.models import (
    Concession,
    ConcessionInstrument,
    ConcessionLot,
    ConcessionSupply,
    Deviation,
    DeviationLot,
)
from quality.release.models import LotRelease

__all__ = [
    "Characteristic",
    "Concession",
    "ConcessionInstrument",
    "ConcessionLot",
    "ConcessionSupply",
    "Deviation",
    "DeviationLot",
    "Inspection",
    "InspectionPlan",
    "InspectionResult",
    "LotRelease",
]
