"""Spans of tokens, with the lengths of SpanBERT."""

import numpy as np
from numpy.typing import NDArray

from mecelle.encoder.masking import MASKINGS
from mecelle.encoder.spans import draw_spans


@MASKINGS.register("token_span.v1")
def token_span(
    ids_T: NDArray[np.int64],
    words_T: NDArray[np.int32],
    maskable_T: NDArray[np.bool_],
    terms_T: NDArray[np.int32],
    *,
    count: int,
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    """Spans of 1 to 10 tokens, 3.8 on average, that begin and end anywhere; of the last one as much as `count` takes.

    Source: SpanBERT (arXiv 1907.10529) §3.1 for the lengths; there spans are of whole words, which is `word_span` here,
    as HukukBERT §3.5 tells the two apart. A span that meets the end of a piece, or tokens that are not maskable, ends
    there, and the rest of it begins behind them: no span crosses pieces, and ends are masked as often as middles.
    """
    allowed = np.flatnonzero(maskable_T)
    spans = draw_spans(len(allowed), count, rng=rng)
    chosen_T = np.zeros(len(ids_T), bool)
    if spans:
        chosen_T[allowed[np.concatenate(spans)[:count]]] = True
    return chosen_T
