"""How much of a new vocabulary, and of running text, the old tokenizer knew."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from mecelle.encoder.transfer.matching import NONE

PAPER_SHARE = 0.767
"""HukukBERT §3.4: 36,837 of 48,000 tokens stand in BERTurk's 128K vocabulary."""


class Overlap(BaseModel):
    """Tokens whose rows could be copied."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    tokens: int
    """Of the new vocabulary."""
    matched: int
    share: float
    """matched / tokens, 0..1; HukukBERT: 0.767."""
    old_tokens: int
    old_matched: int
    """Old tokens that are in the new vocabulary; the rows of the others are lost."""
    running: int = 0
    """Tokens of the sampled text, cut by the new tokenizer."""
    running_matched: int = 0
    running_share: float | None = None
    """running_matched / running, 0..1; None without text."""


def measure_overlap(origins_N: NDArray[np.int64], tokenizer: Any, texts: Sequence[str], *, old_tokens: int) -> Overlap:
    """origins_N: made by `matching.match`; tokenizer: the new one; texts: sample of running text, may be empty."""
    counts = count_tokens(tokenizer, texts)
    known = origins_N != NONE
    running, running_matched = int(counts.sum()), int(counts[known].sum())
    return Overlap(
        tokens=len(origins_N),
        matched=int(known.sum()),
        share=float(known.mean()),
        old_tokens=old_tokens,
        old_matched=len(np.unique(origins_N[known])),
        running=running,
        running_matched=running_matched,
        running_share=running_matched / running if running else None,
    )


def count_tokens(tokenizer: Any, texts: Sequence[str]) -> NDArray[np.int64]:
    """How often each id stands in the texts, special tokens around them left out; shape (tokens,)."""
    backend = tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    encodings = backend.encode_batch_fast(list(texts), add_special_tokens=False)
    ids = np.concatenate([np.empty(0, np.int64), *(np.asarray(one.ids, np.int64) for one in encodings)])
    return np.bincount(ids, minlength=len(tokenizer))
