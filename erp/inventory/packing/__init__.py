"""Goods into boxes and pallets, out of them, and about with them."""
