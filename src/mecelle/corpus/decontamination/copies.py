"""Long items that stand in a document almost whole."""

from collections.abc import Sequence

import numpy as np

from mecelle.corpus.decontamination.config import Decontamination
from mecelle.corpus.decontamination.items import Item
from mecelle.corpus.decontamination.ngrams import generic_phrases
from mecelle.corpus.decontamination.wording import hashes_of
from mecelle.corpus.dedup.shingles import Hashes, gram_hashes

SHINGLE_WORDS = 5


class Copies:
    """The shingles of all long items, but for those of phrases that do not count."""

    def __init__(self, items: Sequence[Item], config: Decontamination) -> None:
        self._share = config.copy_share
        phrases = [gram_hashes(hashes_of(phrase), SHINGLE_WORDS) for phrase in generic_phrases(config.generic_phrases)]
        generic = np.concatenate([np.empty(0, dtype=np.uint64), *phrases])
        parts: list[tuple[int, Hashes]] = []
        texts = [(row, text) for row, item in enumerate(items) for text in item.texts]
        for row, text in texts:
            hashes = hashes_of(text)
            if len(hashes) >= config.least_copy_words:
                own = np.setdiff1d(gram_hashes(hashes, SHINGLE_WORDS), generic)
                if len(own) >= config.least_copy_words // 2:  # else it is a formula almost whole
                    parts.append((row, own))
        self.judged = {row for row, _ in parts}
        """Rows of the items of which a text is long enough."""
        grams = np.concatenate([np.empty(0, dtype=np.uint64), *(one for _, one in parts)])
        rows = np.repeat(np.arange(len(parts)), [len(one) for _, one in parts])
        order = np.argsort(grams, kind="stable")
        self._grams, self._parts = grams[order], rows[order]
        self._rows = [row for row, _ in parts]
        self._sizes = np.array([len(one) for _, one in parts], dtype=np.int64)

    def held(self, hashes: Hashes) -> list[tuple[int, float]]:
        """Rows of the items of which the document has `copy_share` or more of a text, with that share, 0..1."""
        if len(hashes) < SHINGLE_WORDS or not len(self._grams):
            return []
        found = np.unique(gram_hashes(hashes, SHINGLE_WORDS))
        first, last = np.searchsorted(self._grams, found, "left"), np.searchsorted(self._grams, found, "right")
        hits = last - first
        places = np.repeat(first, hits) + _ramps(hits)
        shares = np.bincount(self._parts[places], minlength=len(self._rows)) / self._sizes
        return [(self._rows[part], round(float(shares[part]), 4)) for part in np.flatnonzero(shares >= self._share)]


def _ramps(counts: np.ndarray[tuple[int], np.dtype[np.int64]]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """0, 1, ..., count - 1 for each count, one after another."""
    ends = np.cumsum(counts)
    ramp: np.ndarray[tuple[int], np.dtype[np.int64]] = np.arange(ends[-1] if len(ends) else 0)
    return ramp - np.repeat(ends - counts, counts)
