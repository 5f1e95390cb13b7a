"""The field sets of the registries, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from traceability.datasheets.declaration import SheetField
from traceability.datasheets.models import Registry
from traceability.datasheets.registries.eudamed import EUDAMED_FIELDS
from traceability.datasheets.registries.gudid import GUDID_FIELDS
from traceability.datasheets.registries.nmpa import NMPA_FIELDS

FIELDS: Mapping[str, Sequence[SheetField]] = {
    Registry.GUDID: GUDID_FIELDS,
    Registry.EUDAMED: EUDAMED_FIELDS,
    Registry.NMPA: NMPA_FIELDS,
}
