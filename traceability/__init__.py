"""Lots and units, trace events, genealogy: what happened to what, recorded when it happens."""
