"""Proofline: an ERP for medical-device manufacturers built around a chain of evidence."""
