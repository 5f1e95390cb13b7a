"""Corrections of trace events: a wrong one is named by a further one, nothing is edited."""
