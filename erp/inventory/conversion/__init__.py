"""Lots that come out of lots: split, merged, repacked, regraded, reworked, put together as kits."""
