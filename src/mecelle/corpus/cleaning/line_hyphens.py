"""Words that a printed line broke in two."""

from typing import Literal

from mecelle.corpus.cleaning import Cleaner, cleaners
from mecelle.text.repair.line_hyphens import join_line_hyphens


@cleaners.register("line_hyphens.v1")
class LineHyphens(Cleaner):
    """Join `mahke-` + `mesinin` over a line end (mecelle.text.repair)."""

    cleaner: Literal["line_hyphens.v1"] = "line_hyphens.v1"

    def clean(self, text: str) -> str:
        """Idempotent."""
        return join_line_hyphens(text)
