"""Text too short to say anything."""

from typing import Literal

from pydantic import Field

from mecelle.base.document import Document
from mecelle.corpus.filters import Filter, filters
from mecelle.corpus.verdict import Verdict, drop, keep
from mecelle.corpus.view import view


@filters.register("short_text.v1")
class ShortText(Filter):
    """Drop text of few words. Source: Mecellem §3.2.3 (iii), which gives no number."""

    filter: Literal["short_text.v1"] = "short_text.v1"
    least_words: int = Field(default=8, ge=1)
    """Words between white space. "MADDE 4 - Bu Kanun yayımı tarihinde yürürlüğe girer." has 9."""
    spared_kinds: tuple[str, ...] = ("article", "dictionary", "question")
    """Kinds that are short by nature; of them only what has fewer than two words is dropped."""

    def judge(self, document: Document) -> Verdict:
        """Measures words."""
        words = len(view(document.text).tokens)
        least = 2 if document.metadata.get("kind") in self.spared_kinds else self.least_words
        return keep(words=words) if words >= least else drop("short_text", words=words)
