"""Spans of whole words, with the lengths of SpanBERT."""

from math import ceil

import numpy as np
from numpy.typing import NDArray

from mecelle.encoder.masking import MASKINGS
from mecelle.encoder.spans import LONGEST, draw_spans
from mecelle.encoder.units import choose_units


@MASKINGS.register("word_span.v1")
def word_span(
    ids_T: NDArray[np.int64],
    words_T: NDArray[np.int32],
    maskable_T: NDArray[np.bool_],
    terms_T: NDArray[np.int32],
    *,
    count: int,
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    """Spans of 1 to 10 words, 3.8 on average, none in part, as many as `count` tokens hold.

    Source: SpanBERT (arXiv 1907.10529) §3.1, HukukBERT §3.5. The last span ends before the first word that does not
    fit; single words fill up to `count`, by the rule of `whole_word`. Pieces: see `token_span`.
    """
    words, owner, sizes = np.unique(words_T[maskable_T], return_inverse=True, return_counts=True)
    wanted = ceil(count * len(words) / max(1, len(owner))) + LONGEST if count else 0  # words as long as the others
    # One word less than all, so that a short row is turned by the seed, too: else its first words were always taken.
    wanted = min(wanted, len(words) - 1)
    spans = draw_spans(len(words), wanted, rng=rng)
    order = np.concatenate(spans) if spans else np.zeros(0, np.int64)
    picked = np.zeros(len(words), bool)
    picked[order[: np.searchsorted(np.cumsum(sizes[order]), count, side="right")]] = True
    chosen_T = np.zeros(len(ids_T), bool)
    chosen_T[maskable_T] = picked[owner]
    left = count - int(chosen_T.sum())
    return chosen_T | choose_units(words_T, maskable_T & ~chosen_T, count=left, rng=rng)
