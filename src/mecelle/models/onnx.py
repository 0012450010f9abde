"""Exported models as `TextEncoder`: onnxruntime and a tokenizer, no torch."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from mecelle.base.errors import ArtifactError, ConfigError, require
from mecelle.base.protocols import Role
from mecelle.models.batching import encode_sorted
from mecelle.models.folders import fingerprint
from mecelle.models.prompts import prompts_of

GRAPH = "model.onnx"
_INPUTS = ("input_ids", "attention_mask")


def has_graph_alone(folder: Path) -> bool:
    """Whether `folder` holds an exported graph and no weights beside it."""
    return (folder / "onnx" / GRAPH).is_file() and not any(folder.glob("*.safetensors"))


class OnnxEncoder:
    """A folder that `mecelle export --onnx` wrote."""

    def __init__(
        self,
        folder: Path,
        *,
        name: str,
        graph: str = GRAPH,
        batch_size: int = 32,
        max_length: int | None = None,
        threads: int | None = None,
    ) -> None:
        """graph: a file in `onnx/`; max_length: in tokens, None takes the tokenizer's own limit.

        Raises ArtifactError if graph or tokenizer is missing or damaged.
        """
        runtime = require("onnxruntime", extra="onnx", why=f"The model {folder}")
        from tokenizers import Tokenizer

        self.name, self.folder, self.graph, self.batch_size = name, folder, graph, batch_size
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads or 0
        try:
            # Two, since truncation is state: a switch between counting and encoding would reach other threads.
            self._tokenizer, self._counter = (Tokenizer.from_file(str(folder / "tokenizer.json")) for _ in range(2))
            self._session = runtime.InferenceSession(
                str(folder / "onnx" / graph), options, providers=["CPUExecutionProvider"]
            )
            settings = orjson.loads((folder / "tokenizer_config.json").read_bytes())
            limit = int(settings["model_max_length"])
            own = prompts_of(folder)
        except Exception as error:  # tokenizers raises Exception itself, onnxruntime a dozen kinds of it
            reason = str(error).strip().splitlines()[0]
            raise ArtifactError(f"{folder}: does not load as an exported model ({reason}); export it again") from error
        if max_length is not None and not 1 <= max_length <= limit:
            raise ConfigError(f"max_length {max_length} tokens: allowed is 1..{limit}, the limit of '{name}'")
        self.max_length = max_length or limit
        self.truncated_texts = 0
        """How many of all encoded texts were longer than `max_length` and lost their end."""
        self.prompts: dict[Role, str] = {"query": own["query"], "document": own["document"]}
        self._counter.no_padding()
        self._counter.no_truncation()
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self.max_length)

    @cached_property
    def fingerprint(self) -> str:
        """Hash of graph, tokenizer, prompts and length limit."""
        with (self.folder / "onnx" / self.graph).open("rb") as file:
            graph = hashlib.file_digest(file, "blake2b").hexdigest()
        return fingerprint(self.folder, {"graph": graph, "max_length": self.max_length, "prompts": self.prompts})

    @cached_property
    def dimension(self) -> int:
        """Number of components of a vector."""
        return int(self._encode_batch([""]).shape[1])

    def encode(self, texts: Sequence[str], *, role: Role = "document") -> NDArray[np.float32]:
        """Unit vectors, one row per text, shape (len(texts), dimension), float32."""
        whole = [self.prompts[role] + text for text in texts]
        lengths = [len(encoding.ids) for encoding in self._counter.encode_batch(whole)]
        self.truncated_texts += sum(length > self.max_length for length in lengths)
        return encode_sorted(
            whole,
            lengths,
            self._encode_batch,
            dimension=self.dimension,
            batch_size=self.batch_size,
            task=f"encode with {self.name}",
        )

    def _encode_batch(self, texts: list[str]) -> NDArray[np.float32]:
        encodings = self._tokenizer.encode_batch(texts)
        shape = len(texts), max(len(encoding.ids) for encoding in encodings)
        ids, mask = np.zeros((2, *shape), dtype=np.int64)  # what stands behind a text is masked: any id will do
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : len(encoding.ids)] = 1
        found = self._session.run(["sentence_embedding"], dict(zip(_INPUTS, (ids, mask), strict=True)))
        vectors: NDArray[np.float32] = found[0]
        return vectors
