"""Pages, lists and API of this app, what it adds to other records, what waits for whom."""

from equipment.records import calibrations, instruments, lots, tasks

__all__ = ["calibrations", "instruments", "lots", "tasks"]
