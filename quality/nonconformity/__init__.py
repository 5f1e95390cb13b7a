"""Nonconformities, planned deviations and concessions (ISO 13485, 8.3)."""
