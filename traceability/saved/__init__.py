"""Traces as they were answered: kept with their hash, opened again, compared."""
