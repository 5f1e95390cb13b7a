"""Inspection: plans with characteristics, results with their instruments, signed decisions."""
