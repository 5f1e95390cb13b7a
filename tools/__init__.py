"""What developers and administrators run; nothing here is part of the running system."""
