"""Text that says the same line again and again."""

from typing import Literal

from pydantic import Field

from mecelle.base.document import Document
from mecelle.corpus.filters import Filter, filters
from mecelle.corpus.verdict import Verdict, drop, keep
from mecelle.corpus.view import view


@filters.register("repeated_lines.v1")
class RepeatedLines(Filter):
    """Drop text most of which stands in lines that it has said before.

    Source: Gopher (arXiv:2112.11446 app. A) drops at 0.20 of the characters; acts list the same office or tariff line
    many times, so more is allowed here.
    """

    filter: Literal["repeated_lines.v1"] = "repeated_lines.v1"
    most_repeated_share: float = Field(default=0.50, ge=0.0, le=1.0)
    """Characters in repetitions of an earlier line, among all characters of lines, 0..1."""

    def judge(self, document: Document) -> Verdict:
        """Measures the share."""
        lines = [line for line in view(document.text).lines if line.strip()]
        total = sum(map(len, lines)) or 1
        share = round(1 - sum(map(len, set(lines))) / total, 4)
        return keep(share=share) if share <= self.most_repeated_share else drop("repeated_lines", share=share)
