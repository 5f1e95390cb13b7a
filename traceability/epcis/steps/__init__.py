"""Writes made inside operations of the exchange."""
