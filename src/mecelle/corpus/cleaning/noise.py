"""Noise of scans."""

from typing import Literal

from mecelle.corpus.cleaning import Cleaner, cleaners
from mecelle.text.repair.noise import remove_noise


@cleaners.register("noise.v1")
class Noise(Cleaner):
    """Remove lines without words, and bars inside words (mecelle.text.repair). Source: Mecellem §3.2.2."""

    cleaner: Literal["noise.v1"] = "noise.v1"

    def clean(self, text: str) -> str:
        """Idempotent."""
        return remove_noise(text)
