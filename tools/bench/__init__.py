"""Benchmarks: each measures the product beside its reference, in the same run (design 9).

``python -m tools.bench NAME [--scale N] --json`` runs ``tools/bench/NAME.py``, whose ``run(scale)``
returns the list of :class:`tools.bench.measure.Case`. To add one, write such a module: the name is
enough, nothing is registered.
"""
