"""The evidence check: what the chain ought to hold and does not, as a work list with repairs."""
