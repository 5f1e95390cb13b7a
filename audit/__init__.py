"""Evidence about changes: operation log, signatures, history, attachments, evidence packs."""
