"""Evidence packs and documents: what is known of a record, as one file an auditor can take home."""
