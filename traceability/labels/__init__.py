"""Labels: templates, printing with proof by reading back, release and reconciliation."""
