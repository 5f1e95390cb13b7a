"""What this app tells the higher ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProductionReported:
    """Units or a quantity came off the line into a batch."""

    work_order_id: int
    batch_id: int
    lot_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WorkOrderCompleted:
    """A work order was completed; its batch waits for a decision."""

    work_order_id: int
    batch_id: int


@dataclass(frozen=True, slots=True)
class ProcessCycleRecorded:
    """The record of a special process came back with a batch, with its verdict."""

    cycle_id: int
    batch_id: int
    conforming: bool
