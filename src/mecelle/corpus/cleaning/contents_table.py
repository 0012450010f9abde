"""Tables of contents."""

from typing import Literal

from mecelle.corpus.cleaning import Cleaner, cleaners
from mecelle.text.repair.contents_table import remove_contents_tables


@cleaners.register("contents_table.v1")
class ContentsTable(Cleaner):
    """Remove lists of titles with leaders and page numbers (mecelle.text.repair). Source: Mecellem §3.2.2."""

    cleaner: Literal["contents_table.v1"] = "contents_table.v1"

    def clean(self, text: str) -> str:
        """Idempotent. Run it before `unicode.v1`: wide gaps and tabs are leaders too."""
        return remove_contents_tables(text)
