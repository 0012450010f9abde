"""Sentence-transformers models as `TextEncoder`; a plain Hugging Face encoder becomes one with mean pooling."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import cached_property
from math import inf
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import ConfigError, require
from mecelle.base.protocols import Precision, Role
from mecelle.models.batching import encode_sorted
from mecelle.models.folders import fingerprint, is_sentence_transformer
from mecelle.models.loading import check_device, positions_of, told_when_unloadable
from mecelle.models.prompts import by_role
from mecelle.models.quiet import quiet


class SentenceTransformerEncoder:
    """An encoder in a folder that sentence-transformers or transformers can load."""

    def __init__(
        self,
        folder: Path,
        *,
        name: str,
        device: str = "cpu",
        batch_size: int = 32,
        max_length: int | None = None,
        prompts: Mapping[Role, str] | None = None,
        precision: Precision = "fp32",
    ) -> None:
        """max_length: in tokens, specials and prompt included; None takes the model's own limit.

        prompts: what is put before a query or a document; None takes the prompts in the model folder.
        precision: of the weights. bf16 is 1.5 (one question) to 2 times (a batch of articles) as fast on a processor
        that has it in hardware, in half the memory; multilingual-e5-small's vectors keep a cosine of .9999 to those in
        fp32; it is no part of the fingerprint.
        Raises ArtifactError if the folder does not load, ConfigError if max_length is beyond the model's positions.
        """
        self.name, self.folder, self.batch_size = name, folder, batch_size
        self.truncated_texts = 0
        """How many of all encoded texts were longer than `max_length` and lost their end."""
        self.model = _load(folder, device)
        if max_length is not None:
            _check_length(self.model, max_length, name)
            self.model.max_seq_length = max_length
        self.max_length: int | None = self.model.max_seq_length
        self._counter = _counter(self.model.tokenizer)
        self.precision = _resolved(precision, self.model.device.type)
        if self.precision == "bf16":
            self.model.bfloat16()  # autocast would turn the weights anew for every batch: a fifth of a question's time
        self.prompts: dict[Role, str] = {**by_role(self.model.prompts or {}), **(prompts or {})}

    @cached_property
    def fingerprint(self) -> str:
        """Hash of weights, tokenizer, prompts and length limit."""
        return fingerprint(self.folder, {"max_length": self.max_length, "prompts": self.prompts})

    @cached_property
    def dimension(self) -> int:
        """Number of components of a vector."""
        return int(self.model.get_embedding_dimension() or len(self.model.encode("")))

    def encode(self, texts: Sequence[str], *, role: Role = "document") -> NDArray[np.float32]:
        """Unit vectors, one row per text, shape (len(texts), dimension), float32; an empty text is a text."""
        lengths = self._lengths([self.prompts[role] + text for text in texts])
        if self.max_length is not None:
            self.truncated_texts += sum(length > self.max_length for length in lengths)
        encode_role = self.model.encode_query if role == "query" else self.model.encode_document

        def encode_batch(batch: list[str]) -> NDArray[np.float32]:
            vectors: NDArray[np.float32] = encode_role(
                batch, prompt=self.prompts[role], batch_size=len(batch), show_progress_bar=False
            )
            return vectors

        return encode_sorted(
            texts,
            lengths,
            encode_batch,
            dimension=self.dimension,
            batch_size=self.batch_size,
            task=f"encode with {self.name}",
        )

    def _lengths(self, texts: list[str]) -> list[int]:
        """Tokens; characters for static embeddings, which cut and pad nothing: counting took as long as encoding."""
        if not texts:
            return []
        if self.max_length == inf:
            return [len(text) for text in texts]
        if self._counter is not None:
            return [len(encoding.ids) for encoding in self._counter.encode_batch(texts)]
        tokenizer = self.model.tokenizer  # a slow one, which has no settings to switch
        counts = tokenizer(texts, truncation=False, padding=False, return_length=True, verbose=False)["length"]
        return [int(count) for count in counts]


def _counter(tokenizer: Any) -> Any:
    """A copy of the tokenizer that never cuts; None if it is a slow one.

    Fast tokenizers keep their truncation as state: a switch for counting would let texts of other threads pass uncut.
    """
    backend = getattr(tokenizer, "backend_tokenizer", tokenizer)  # static embeddings carry a bare one
    if not hasattr(backend, "encode_batch"):
        return None
    counter = deepcopy(backend)
    counter.no_truncation()
    counter.no_padding()
    return counter


def _load(folder: Path, device: str) -> Any:
    library = require("sentence_transformers", extra="train", why=f"The model {folder}")
    modules = require("sentence_transformers.sentence_transformer.modules", extra="train", why=f"The model {folder}")
    check_device(device)
    with quiet(), told_when_unloadable(folder, "an encoder"):
        if is_sentence_transformer(folder):
            return library.SentenceTransformer(str(folder), device=device)
        transformer = modules.Transformer(str(folder))
        if positions := positions_of(transformer.auto_model):  # of a RoBERTa the library takes all rows for positions
            transformer.max_seq_length = min(transformer.max_seq_length or positions, positions)
        pooling = modules.Pooling(transformer.get_embedding_dimension(), pooling_mode="mean")
        return library.SentenceTransformer(modules=[transformer, pooling], device=device)


def _resolved(precision: Precision, device: str) -> Literal["fp32", "bf16"]:
    if precision == "fp32":
        return "fp32"
    from mecelle.models.precision import resolve  # it imports torch

    return resolve(precision, device)


def _check_length(model: Any, max_length: int, name: str) -> None:
    positions = positions_of(getattr(model[0], "auto_model", None))
    if max_length < 1 or (positions is not None and max_length > positions):
        most = f"at most {positions}, the positions that" if positions is not None else "at least 1 for"
        raise ConfigError(f"max_length {max_length} tokens: allowed is {most} the model '{name}' was made for")
