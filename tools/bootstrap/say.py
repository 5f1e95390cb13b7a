"""How the bootstrap speaks: one sentence a person can act on, never a traceback."""

from __future__ import annotations

import sys


class Stop(Exception):
    """Ends the command with a sentence that says what is wrong and what to do about it."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


def say(text: str = "") -> None:
    """Print an answer, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def step(text: str) -> None:
    """Tell what is being done, on standard error: answers (JSON, exports) stay clean."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
