"""Purchasing: approved suppliers, purchase orders, receipts into quarantine."""
