"""An embedding model behind an OpenAI-compatible server as `TextEncoder`."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mecelle.base.document import content_hash
from mecelle.base.protocols import Role
from mecelle.models.endpoint import Client, Endpoint


class EndpointEncoder:
    """Vectors from `/embeddings`, several requests at a time."""

    def __init__(self, endpoint: Endpoint, *, batch_size: int = 32, prompts: Mapping[Role, str] | None = None) -> None:
        """batch_size: texts of one request. prompts: what is put before queries and documents; None for nothing."""
        self.endpoint, self.batch_size = endpoint, batch_size
        self.name = endpoint.model
        self.prompts: Mapping[Role, str] = prompts or {}

    @cached_property
    def fingerprint(self) -> str:
        """Hash of server, name of the model and prompts: what weights are behind the name, only the server knows."""
        prompts = [self.prompts.get(role, "") for role in ("query", "document")]
        return content_hash("\x1f".join((self.endpoint.url, self.endpoint.model, *prompts)))

    @cached_property
    def dimension(self) -> int:
        """Number of components of a vector; the server is asked for one."""
        return int(self.encode(["-"]).shape[1])

    def encode(self, texts: Sequence[str], *, role: Role = "document") -> NDArray[np.float32]:
        """Unit vectors, one row per text, shape (len(texts), dimension), float32.

        What the server does with texts beyond its limit, it does not tell. Raises EndpointError if it fails for good.
        """
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        prompted = [self.prompts.get(role, "") + text for text in texts]
        vectors = np.array(asyncio.run(self._ask(prompted)), dtype=np.float32)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.finfo(np.float32).tiny)
        return vectors

    async def _ask(self, texts: list[str]) -> list[list[float]]:
        requests = [texts[start : start + self.batch_size] for start in range(0, len(texts), self.batch_size)]
        async with Client(self.endpoint) as client:
            answers = await asyncio.gather(*(_embed(client, request) for request in requests))
        return [vector for answer in answers for vector in answer]


async def _embed(client: Client, texts: list[str]) -> list[list[float]]:
    def read(body: Any) -> list[list[float]]:
        rows = sorted(body["data"], key=lambda row: row["index"])
        vectors = [row["embedding"] for row in rows]
        if len(vectors) != len(texts) or len({len(vector) for vector in vectors}) != 1:
            raise ValueError(f"{len(vectors)} vectors for {len(texts)} texts, or of different lengths")
        return vectors

    return await client.post("embeddings", {"input": texts, "encoding_format": "float"}, read)
