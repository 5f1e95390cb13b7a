"""Data sheets: what a registration database asks about a device identifier."""
