"""Running text has punctuation; menus and word lists have none."""

from typing import Literal

from pydantic import Field

from mecelle.base.document import Document
from mecelle.corpus.filters import Filter, filters
from mecelle.corpus.verdict import Verdict, drop, keep
from mecelle.corpus.view import view

_MARKS = ".,!?:;…"


@filters.register("sentences.v1")
class Sentences(Filter):
    """Drop text without punctuation. Source: the punctuation rule of FineWeb (arXiv:2406.17557), by word."""

    filter: Literal["sentences.v1"] = "sentences.v1"
    most_words_a_mark: float = Field(default=100.0, gt=0.0)
    """Words between white space for each of . , ! ? : ; and …. Sentences of decisions run over 500 words without a full
    stop, but not without a comma: real documents have 52 at most."""
    least_words: int = Field(default=40, ge=1)
    """Shorter texts are not judged: they may be one sentence without its end."""

    def judge(self, document: Document) -> Verdict:
        """Measures words a mark."""
        words = len(view(document.text).tokens)
        if words < self.least_words:
            return keep(words=words)
        marks = sum(map(document.text.count, _MARKS))
        rate = round(words / max(marks, 0.5), 1)
        return keep(words_a_mark=rate) if rate <= self.most_words_a_mark else drop("no_sentences", words_a_mark=rate)
