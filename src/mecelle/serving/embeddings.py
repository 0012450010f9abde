"""Vectors in OpenAI's form."""

import base64
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mecelle.base.protocols import TextEncoder
from mecelle.serving.errors import invalid
from mecelle.serving.views import Embedding, EmbeddingRequest, EmbeddingResponse, Usage
from mecelle.text.words import words


def embed(encoder: TextEncoder, asked: EmbeddingRequest, texts: Sequence[str]) -> EmbeddingResponse:
    """Unit vectors of `texts`, cut to `asked.dimensions`. Raises ServiceError if the model has fewer components."""
    name = _shown_name(encoder.name)
    kept = asked.dimensions or encoder.dimension
    if kept > encoder.dimension:
        raise invalid(f"dimensions is {kept}; the model '{name}' has {encoder.dimension}")
    vectors = encoder.encode(texts, role=asked.input_type)[:, :kept]
    if kept < encoder.dimension:
        vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    rows = [
        Embedding(
            index=number,
            embedding=vector.tolist()
            if asked.encoding_format == "float"
            else base64.b64encode(vector.astype("<f4").tobytes()).decode(),
        )
        for number, vector in enumerate(vectors)
    ]
    count = sum(len(words(text)) for text in texts)
    return EmbeddingResponse(data=rows, model=name, usage=Usage(prompt_tokens=count, total_tokens=count))


def _shown_name(name: str) -> str:
    """A hub id as it is, of a folder its own name alone: where it lies is nobody's business."""
    path = Path(name)
    return path.name if path.is_absolute() or path.is_dir() else name
