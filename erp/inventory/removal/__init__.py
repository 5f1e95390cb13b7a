"""Goods that end here: scrap, samples, what goes back to the supplier, and count differences."""
