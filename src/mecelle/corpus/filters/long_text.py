"""Text too long to be one document."""

from typing import Literal

from pydantic import Field

from mecelle.corpus.filters import TextFilter, filters
from mecelle.corpus.verdict import Verdict, drop, keep


@filters.register("long_text.v1")
class LongText(TextFilter):
    """Drop excessively long text, which is likely noise. Source: Mecellem §3.2.3 (iv), which gives no number."""

    filter: Literal["long_text.v1"] = "long_text.v1"
    spared_kinds: tuple[str, ...] = ("statute", "regulation", "thesis")
    """Kinds that are long by nature: the longest act at hand has 970 thousand characters."""
    most_characters: int = Field(default=400_000, ge=1)
    """Longest text. The longest decision at hand has 82 thousand characters, the longest article, a tariff, 380."""

    def measure(self, text: str) -> Verdict:
        """Measures characters."""
        characters = len(text)
        if characters > self.most_characters:
            return drop("long_text", characters=characters)
        return keep(characters=characters)
