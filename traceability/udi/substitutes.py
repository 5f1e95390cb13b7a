"""What is written for FNC1 where a keyboard or a file cannot carry it."""

SUBSTITUTES = ("^", "~", "{GS}", "<GS>", "[GS]", "{FNC1}", "<FNC1>", "[FNC1]", "\\x1d", "\u241d")
"""The usual ones. Single characters are outside CSET 82, so no value can have them."""
