"""Headers of pages inside running text."""

from typing import Literal

from mecelle.corpus.cleaning import Cleaner, cleaners
from mecelle.text.repair.running_lines import remove_headers


@cleaners.register("running_headers.v1")
class RunningHeaders(Cleaner):
    """Remove lines of court and case number, and repeated lines that cut sentences in two (mecelle.text.repair)."""

    cleaner: Literal["running_headers.v1"] = "running_headers.v1"

    def clean(self, text: str) -> str:
        """Idempotent."""
        return remove_headers(text)
