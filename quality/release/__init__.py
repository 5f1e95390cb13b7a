"""Release and rejection of lots, signed, with everything that was checked (ISO 13485, 8.2.6)."""
