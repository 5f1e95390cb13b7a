"""Sales and delivery: orders, allocation, shipment, returns, and where everything went."""
