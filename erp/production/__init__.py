"""Production: work orders, material, reports with serials, processes at subcontractors."""
