"""Texts whose words, symbols and lines are not those of running text."""

from typing import Literal

import numpy as np
from datatrove.utils.text import PUNCTUATION_SET
from numpy.typing import NDArray
from pydantic import Field

from mecelle.corpus.filters import TextFilter, filters
from mecelle.corpus.filters.function_words import written_stop_words
from mecelle.corpus.filters.tokens import TokenTable, token_table
from mecelle.corpus.verdict import Verdict, drop, keep

_PUNCTUATION = "".join(sorted(PUNCTUATION_SET))
Places = NDArray[np.int64]


@filters.register("gopher_quality.v1")
class GopherQuality(TextFilter):
    """The quality rules of Gopher (arXiv:2112.11446 app. A.1.1), with the decisions of datatrove's GopherQualityFilter.

    Words stand between white space, as in the source. Stop words are Turkish ones (mecelle.text.stemming), in small
    letters, with a capital, or in capitals. Defaults are the source's.
    """

    filter: Literal["gopher_quality.v1"] = "gopher_quality.v1"
    least_words: int = Field(default=50, ge=1)
    """Words that are not punctuation alone."""
    most_words: int = Field(default=100_000, ge=1)
    """The same. Whole codes have more: the Turkish Commercial Code about 110,000."""
    least_word_length: float = Field(default=3.0, ge=0.0)
    """Mean characters of these words."""
    most_word_length: float = Field(default=10.0, ge=0.0)
    """Mean characters of these words."""
    most_symbols_a_word: float = Field(default=0.1, ge=0.0)
    """`#`, and apart from them ellipses, for each word."""
    most_bullet_line_share: float = Field(default=0.9, ge=0.0, le=1.0)
    """Lines that begin with a bullet or hyphen, 0..1."""
    most_ellipsis_line_share: float = Field(default=0.3, ge=0.0, le=1.0)
    """Lines that end in an ellipsis, 0..1. Courts leave out names with dots."""
    least_alphabetic_share: float = Field(default=0.8, ge=0.0, le=1.0)
    """Words with a letter among all words, 0..1."""
    least_stop_words: int = Field(default=2, ge=0)
    """Different stop words."""

    def measure(self, text: str) -> Verdict:
        """Measures what decides; rules stand in the order of the source."""
        table = token_table(text)
        other = np.array([place for place, form in enumerate(table.forms) if not form.isalpha()], dtype=np.int64)
        words, characters = _without_punctuation(table, other)
        if words < self.least_words:
            return drop("few_words", words=words)
        if words > self.most_words:
            return drop("many_words", words=words)
        length = characters / words
        if not self.least_word_length <= length <= self.most_word_length:
            return drop(
                "short_words" if length < self.least_word_length else "long_words", word_length=round(length, 4)
            )
        reason = self._symbol_fault(text, len(table.ids)) or self._line_fault(text) or self._word_fault(table, other)
        measured = {"words": words, "word_length": round(length, 4)}
        return drop(reason, **measured) if reason else keep(**measured)

    def _symbol_fault(self, text: str, words: int) -> str | None:
        if text.count("#") / words > self.most_symbols_a_word:
            return "hashes"
        return "ellipses" if (text.count("...") + text.count("…")) / words > self.most_symbols_a_word else None

    def _line_fault(self, text: str) -> str | None:
        lines = text.splitlines()
        if sum(line.lstrip().startswith(("•", "-")) for line in lines) / len(lines) > self.most_bullet_line_share:
            return "bullet_lines"
        ends = sum(line.rstrip().endswith(("...", "…")) for line in lines)
        return "ellipsis_lines" if ends / len(lines) > self.most_ellipsis_line_share else None

    def _word_fault(self, table: TokenTable, other: Places) -> str | None:
        no_letter = [place for place in other.tolist() if not any(map(str.isalpha, table.forms[place]))]
        words = len(table.ids)
        if (words - int(table.counts[no_letter].sum())) / words < self.least_alphabetic_share:
            return "few_alphabetic_words"
        found = written_stop_words().intersection(table.forms)
        return "few_stop_words" if len(found) < self.least_stop_words else None


def _without_punctuation(table: TokenTable, other: Places) -> tuple[int, int]:
    """Words that are not punctuation alone, and their characters. other: places of forms that are not letters alone."""
    marks = [place for place in other.tolist() if not table.forms[place].strip(_PUNCTUATION)]
    words = len(table.ids) - int(table.counts[marks].sum())
    return words, int(table.counts @ table.lengths) - int(table.counts[marks] @ table.lengths[marks])
