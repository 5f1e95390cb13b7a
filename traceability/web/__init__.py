"""Pages of the trace."""
