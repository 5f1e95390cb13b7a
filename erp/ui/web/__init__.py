"""The web door, generated: list pages, record pages, dialogs, home, scan."""
