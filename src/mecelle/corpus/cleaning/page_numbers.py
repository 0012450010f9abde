"""Page numbers inside running text."""

from typing import Literal

from mecelle.corpus.cleaning import Cleaner, cleaners
from mecelle.text.repair.page_numbers import remove_page_numbers


@cleaners.register("page_numbers.v1")
class PageNumbers(Cleaner):
    """Remove `- 3 -`, `Sayfa 3`, and bare numbers that cut a sentence or count pages (mecelle.text.repair)."""

    cleaner: Literal["page_numbers.v1"] = "page_numbers.v1"

    def clean(self, text: str) -> str:
        """Idempotent. The only digits that go are those of page numbers."""
        return remove_page_numbers(text)
