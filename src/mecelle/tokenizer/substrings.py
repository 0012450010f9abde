"""The substrings of counted words that stand most often in the corpus: what a Unigram model is pruned from."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]

_PRIME = np.uint64(0x9E3779B97F4A7C15)  # odd, of the golden ratio: spreads the codes over 64 bits


def frequent_substrings(
    words: Sequence[str], counts: Sequence[int], *, longest: int, most: int, least_count: int = 2
) -> list[tuple[str, int]]:
    """The `most` substrings of 2 to `longest` characters with the greatest count x length, with their counts.

    A substring counts as often as the words that hold it stand in the corpus, so a frequent word is among them also if
    no other word holds it. Ties by code point. Substrings are told apart by 64 bits of hash: among ten million, two are
    taken for one with a probability of about 3e-6.
    """
    text = np.frombuffer("".join(words).encode("utf-32-le"), np.uint32).astype(np.uint64)
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    weights = np.repeat(np.asarray(counts, np.int64), lengths)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(text))  # characters to the end of the word
    starts, hashes = np.arange(len(text)), text
    found: list[tuple[Numbers, Numbers, int]] = []
    for length in range(2, longest + 1):
        inside = left[starts] >= length
        starts = starts[inside]
        hashes = (hashes[inside] + np.uint64(1)) * _PRIME + text[starts + length - 1]
        _, first, which = np.unique(hashes, return_index=True, return_inverse=True)
        totals = np.bincount(which, weights=weights[starts]).astype(np.int64)
        frequent = totals >= least_count
        found.append((starts[first[frequent]], totals[frequent], length))
        starts, hashes = starts[frequent[which]], hashes[frequent[which]]  # what is rare is so with one more character
    return _greatest(words, found, most)


def _greatest(words: Sequence[str], found: list[tuple[Numbers, Numbers, int]], most: int) -> list[tuple[str, int]]:
    starts, totals = (np.concatenate([one[column] for one in found]) for column in (0, 1))
    spans = np.repeat([length for *_, length in found], [len(one[0]) for one in found])
    sizes = totals * spans
    if len(sizes) > most:  # the least of the greatest, and all that equal it
        kept = sizes >= np.partition(sizes, -most)[-most]
        starts, totals, spans, sizes = starts[kept], totals[kept], spans[kept], sizes[kept]
    text = "".join(words)
    pieces = [text[start : start + span] for start, span in zip(starts.tolist(), spans.tolist(), strict=True)]
    ranked = sorted(zip((-sizes).tolist(), pieces, totals.tolist(), strict=True))
    return [(piece, total) for _, piece, total in ranked[:most]]
