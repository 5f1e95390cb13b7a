"""Logistic units: boxes and pallets with an SSCC, and what lies in them at a moment."""
