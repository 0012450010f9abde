"""Running Turkish text has function words; menus, word lists and foreign texts have few."""

from functools import cache
from typing import Literal

from pydantic import Field

from mecelle.base.document import Document
from mecelle.corpus.filters import Filter, filters
from mecelle.corpus.verdict import Verdict, drop, keep
from mecelle.corpus.view import view
from mecelle.text.casing import upper
from mecelle.text.stemming import stop_words


@filters.register("function_words.v1")
class FunctionWords(Filter):
    """Drop text that is not running Turkish.

    Source: the stop word rule of Gopher (arXiv:2112.11446 app. A), as a share and with Turkish words.
    """

    filter: Literal["function_words.v1"] = "function_words.v1"
    least_share: float = Field(default=0.005, ge=0.0, le=1.0)
    """Function words among words between white space, 0..1. Real decisions and regulations have 0.015 or more, 0.11 in
    the middle; the poorest act, a list of renumbered articles, 0.007."""
    least_words: int = Field(default=40, ge=1)
    """Shorter texts are not judged: a sentence or two may well have none."""

    def judge(self, document: Document) -> Verdict:
        """Measures the share."""
        words = view(document.text).tokens
        if len(words) < self.least_words:
            return keep(words=len(words))
        share = round(sum(map(written_stop_words().__contains__, words)) / len(words), 4)
        return keep(share=share) if share >= self.least_share else drop("few_function_words", share=share)


@cache
def written_stop_words() -> frozenset[str]:
    """Turkish function words as texts write them: in small letters, with a capital, in capitals."""
    small = stop_words()
    return small | {upper(word[0]) + word[1:] for word in small} | set(map(upper, small))
