"""Static vectors of tokens, learned from text: which tokens are used alike, before any model has seen them."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mecelle.base.config import Config
from mecelle.base.errors import InputError, require
from mecelle.encoder.transfer.matching import read_entries


class AuxiliaryConfig(Config):
    """How the vectors are learned: fastText's skip-gram with negative samples."""

    dimensions: int = Field(default=100, ge=2)
    """Components of a vector (300 in FOCUS)."""
    epochs: int = Field(default=3, ge=1)
    """Passes over the texts."""
    window: int = Field(default=5, ge=1)
    """Tokens to each side that count as context."""
    least_count: int = Field(default=3, ge=1)
    """How often a token must stand in the texts to get a vector."""


def static_vectors(
    tokenizer: Any, texts: Sequence[str], config: AuxiliaryConfig, *, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Unit vectors of the tokens of a fast tokenizer, shape (tokens, dimensions), and which of them have one.

    A token's vector is made of its own and of its character n-grams (Bojanowski et al. 2017), as it is spelled. One
    thread: same texts and seed, same vectors. Raises MissingPackageError without gensim, InputError if no token comes
    often enough.
    """
    models = require("gensim.models", extra="train", why="The transfer method focus.v1")
    backend = tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    encodings = backend.encode_batch(list(texts), add_special_tokens=False)
    sentences = [encoding.tokens for encoding in encodings]
    if max(Counter(chain.from_iterable(sentences)).values(), default=0) < config.least_count:
        raise InputError(
            f"{len(texts)} texts: no token stands {config.least_count} times in them (least_count); give more text"
        )
    learned = models.FastText(
        sentences,
        sg=1,
        vector_size=config.dimensions,
        window=config.window,
        min_count=config.least_count,
        epochs=config.epochs,
        bucket=100_000,
        workers=1,
        seed=seed % 2**32,
    ).wv
    entries = read_entries(tokenizer).entries
    known = np.array([entry in learned.key_to_index for entry in entries])
    vectors = np.zeros((len(entries), config.dimensions), np.float32)
    for identity in np.flatnonzero(known):
        vectors[identity] = learned[entries[identity]]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, lengths, out=vectors, where=lengths > 0), known
