"""Text that was read in the wrong encoding."""

from typing import Literal

from mecelle.corpus.cleaning import Cleaner, cleaners
from mecelle.text.mojibake import repair_mojibake


@cleaners.register("mojibake.v1")
class Mojibake(Cleaner):
    """`Ã§`, `þ` and their like to Turkish letters (mecelle.text.mojibake). Run it before `unicode.v1`."""

    cleaner: Literal["mojibake.v1"] = "mojibake.v1"

    def clean(self, text: str) -> str:
        """Idempotent."""
        return repair_mojibake(text)
