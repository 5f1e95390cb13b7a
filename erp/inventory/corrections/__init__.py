"""Wrong events are declared wrong by a further event, and the ledger follows by new rows."""
