"""Vectors in OpenAI's form."""

import base64
from collections.abc import Sequence

import numpy as np

from mecelle.base.errors import ConfigError
from mecelle.base.protocols import TextEncoder
from mecelle.serving.views import Embedding, EmbeddingRequest, EmbeddingResponse, Usage
from mecelle.text.words import words


def embed(encoder: TextEncoder, asked: EmbeddingRequest, texts: Sequence[str]) -> EmbeddingResponse:
    """Unit vectors of `texts`, cut to `asked.dimensions`. Raises ConfigError if the model has fewer components."""
    kept = asked.dimensions or encoder.dimension
    if kept > encoder.dimension:
        raise ConfigError(f"dimensions is {kept}; the model '{encoder.name}' has {encoder.dimension}")
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
    return EmbeddingResponse(data=rows, model=encoder.name, usage=Usage(prompt_tokens=count, total_tokens=count))
