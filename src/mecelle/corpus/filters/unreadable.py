"""Text that lost its letters on the way."""

from typing import Literal

from pydantic import Field

from mecelle.base.document import Document
from mecelle.corpus.filters import Filter, filters
from mecelle.corpus.verdict import Verdict, drop, keep


@filters.register("unreadable.v1")
class Unreadable(Filter):
    """Drop text with many replacement characters (U+FFFD), the trace of a wrong decoding."""

    filter: Literal["unreadable.v1"] = "unreadable.v1"
    most_share: float = Field(default=0.005, ge=0.0, le=1.0)
    """U+FFFD among all characters, 0..1. A tenth of Turkish letters is not ASCII: a wrong decoding is far above."""

    def judge(self, document: Document) -> Verdict:
        """Measures the share."""
        share = round(document.text.count("\ufffd") / (len(document.text) or 1), 5)
        return keep(share=share) if share <= self.most_share else drop("replacement_characters", share=share)
