"""Master data: items with revisions and bills of material, partners, locations, authorisations."""
