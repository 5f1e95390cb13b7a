"""Home pages, indicators, alerts; and the demonstration plant that fills them."""
