"""Stock: the double-entry ledger, balances kept by the database, holds that win."""
