"""The REST door, generated: one endpoint per operation and two per kind of record."""
