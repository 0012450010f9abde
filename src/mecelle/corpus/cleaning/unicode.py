"""One form for characters that look alike or cannot be seen."""

from typing import Literal

from mecelle.corpus.cleaning import Cleaner, cleaners
from mecelle.text.unicode import clean


@cleaners.register("unicode.v1")
class Unicode(Cleaner):
    """NFC, one kind of space, quote and line end; no control, zero width or surrogate characters (mecelle.text)."""

    cleaner: Literal["unicode.v1"] = "unicode.v1"

    def clean(self, text: str) -> str:
        """Idempotent."""
        return clean(text)
