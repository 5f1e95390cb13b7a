"""Quality, bound into the chain: inspection, nonconformity, release."""
