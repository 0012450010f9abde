"""Words whose letters stand apart."""

from typing import Literal

from mecelle.corpus.cleaning import Cleaner, cleaners
from mecelle.text.repair.spread_letters import join_spread_letters
from mecelle.text.repair.stranded_letters import join_stranded_letters


@cleaners.register("spread_letters.v1")
class SpreadLetters(Cleaner):
    """Join `K A R A R` and `Bakanl ığı n` (mecelle.text.repair).

    Run it before `unicode.v1`: wide gaps, which that makes narrow, say where words part. Source: Mecellem §3.2.2 and
    App. D ("scattered text"), there by a language model.
    """

    cleaner: Literal["spread_letters.v1"] = "spread_letters.v1"

    def clean(self, text: str) -> str:
        """Stranded letters first: the other step would take them for short spread words. Idempotent."""
        return join_spread_letters(join_stranded_letters(text))
