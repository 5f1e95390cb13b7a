"""How a receipt is taken back."""

from __future__ import annotations

from traceability.corrections.ways import correctable

correctable("procurement.receive_goods")
