"""Recall cases: scope, freeze, notices, reconciliation. The place is kept; the capability
follows.
"""
