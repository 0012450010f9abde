"""Documents that contain a question of an evaluation, word for word."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from pydantic import Field

from mecelle.base.config import Config
from mecelle.corpus.dedup.shingles import Hashes, folded_words, gram_hashes, word_hashes
from mecelle.documents import queries


class Decontamination(Config):
    """How much of a question makes a document contaminated."""

    gram_words: int = Field(default=13, ge=1)
    """Words in a row, caseless, that a document shares with a question. 13: GPT-3 (arXiv:2005.14165 app. C)."""
    least_query_words: int = Field(default=8, ge=1)
    """A shorter question counts when all of it stands in the document, from this many words; below, it is everyday
    wording that proves nothing."""


class QueryGrams:
    """The word n-grams of all questions, by length."""

    def __init__(self, texts: Iterable[str], config: Decontamination) -> None:
        found: dict[int, list[Hashes]] = {}
        for query in texts:
            hashes = word_hashes(folded_words(query))
            length = min(len(hashes), config.gram_words)
            if length >= config.least_query_words or length == config.gram_words:
                found.setdefault(length, []).append(gram_hashes(hashes, length))
        self._grams = {length: np.unique(np.concatenate(parts)) for length, parts in sorted(found.items())}

    def contaminate(self, text: str) -> bool:
        """Whether the text contains one of the n-grams."""
        hashes = word_hashes(folded_words(text)) if self._grams else np.empty(0, dtype=np.uint64)
        return any(
            _overlap(gram_hashes(hashes, length), grams)
            for length, grams in self._grams.items()
            if len(hashes) >= length
        )


def _overlap(found: Hashes, wanted: Hashes) -> bool:
    """Whether two arrays share a value; wanted: sorted, not empty. Much faster than numpy.isin for a short `wanted`."""
    places = np.searchsorted(wanted, found) % len(wanted)
    return bool((wanted[places] == found).any())


def read_queries(paths: Sequence[Path]) -> list[str]:
    """The questions of evaluation files (`mecelle.documents.queries`). Raises InputError for a row that has none."""
    return [row.query for path in paths for row in queries.read_queries(path)]
