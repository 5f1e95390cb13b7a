"""Primitives without domain knowledge: who acts, in what context, what may be refused, when, how
much.
"""
