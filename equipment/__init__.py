"""Instruments and their calibration: what may measure, what did measure, and how well."""
