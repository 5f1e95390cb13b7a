"""API of the trace."""
