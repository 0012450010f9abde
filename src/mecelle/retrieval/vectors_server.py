"""Vectors in a collection of a Qdrant server (`qdrant-client`).

Run against the client's own in-memory mode only: no server binary was to be had where this was written. That mode
compares exactly and keeps no INT8, so that graph, quantisation and rescoring of a server are asked for and not proved.
"""

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import ArtifactError, ConfigError, InputError, require
from mecelle.retrieval.config import VectorConfig
from mecelle.retrieval.filters import KEYWORDS, OneOf, Payload, Where
from mecelle.retrieval.vectors import AT_ONCE, pages

_WHY = "Search by vectors on a server"


class ServerStore:
    """`VectorStore` on a server."""

    def __init__(self, client: Any, dimension: int, config: VectorConfig, *, may_create: bool) -> None:
        """client: a `QdrantClient`.

        Raises ArtifactError if the collection does not exist and may not be made.
        """
        self._models: Any = require("qdrant_client.models", extra="search", why=_WHY)
        self._client, self._name, self._config = client, config.collection, config
        if not self._told(client.collection_exists):
            if not may_create:
                raise ArtifactError(
                    f"{config.server}: the Qdrant server has no collection '{self._name}' any more: restore a snapshot "
                    "of it, or build the index again, which embeds all passages anew"
                )
            self._create(dimension)

    @classmethod
    def connect(cls, url: str, dimension: int, config: VectorConfig, *, may_create: bool) -> Self:
        """Reach the server at `url`. Raises InputError if it does not answer, ConfigError if its key is not set."""
        key = os.environ.get(config.server_key_variable) if config.server_key_variable else None
        if config.server_key_variable and not key:
            raise ConfigError(
                f"vectors.server_key_variable: the environment has no {config.server_key_variable}: export it, or "
                "leave the field out"
            )
        library = require("qdrant_client", extra="search", why=_WHY)
        client = library.QdrantClient(url=url, api_key=key, check_compatibility=False)
        try:
            client.get_collections()
        except Exception as error:
            raise InputError(
                f"{url}: no Qdrant server answers there ({error}); start it, or leave `server` out"
            ) from error
        return cls(client, dimension, config, may_create=may_create)

    def _told(self, call: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
        """What a call of the client about the collection returns; its many errors, as ArtifactError."""
        try:
            return call(self._name, *arguments, **named)
        except Exception as error:
            raise ArtifactError(
                f"{self._config.server}: the Qdrant server fails on collection '{self._name}' ({error}); does it run, "
                "and is the collection whole?"
            ) from error

    def _create(self, dimension: int) -> None:
        models, config = self._models, self._config
        is_small = config.storage == "int8"
        scalar = models.ScalarQuantizationConfig(type=models.ScalarType.INT8, quantile=config.quantile, always_ram=True)
        self._told(
            self._client.create_collection,
            vectors_config=models.VectorParams(size=dimension, distance=models.Distance.DOT, on_disk=is_small),
            hnsw_config=models.HnswConfigDiff(
                m=config.links, ef_construct=config.build_candidates, full_scan_threshold=config.exact_below_kib
            ),
            quantization_config=models.ScalarQuantization(scalar=scalar) if is_small else None,
            on_disk_payload=True,
        )
        for field in KEYWORDS:
            self._told(self._client.create_payload_index, field, models.PayloadSchemaType.KEYWORD)
        self._told(self._client.create_payload_index, "year", models.PayloadSchemaType.INTEGER)

    def points(self) -> set[int]:
        """Numbers of all vectors."""
        found: set[int] = set()
        offset: Any = None
        while True:
            records, offset = self._told(self._client.scroll, limit=AT_ONCE, offset=offset, with_payload=False)
            found.update(int(record.id) for record in records)
            if offset is None:
                return found

    def vectors(self, points: Collection[int]) -> dict[int, NDArray[np.float32]]:
        """The vector of each of those points that are there, shape (dimension,)."""
        records = self._told(self._client.retrieve, list(points), with_payload=False, with_vectors=True)
        return {int(record.id): np.array(record.vector, dtype=np.float32) for record in records}

    def add(self, points: Sequence[int], vectors: NDArray[np.float32], payloads: Sequence[Payload]) -> None:
        """Add or replace vectors; the server has them when this returns."""
        batch = [
            self._models.PointStruct(id=point, vector=vector.tolist(), payload=dict(payload))
            for point, vector, payload in zip(points, vectors, payloads, strict=True)
        ]
        self._told(self._client.upsert, batch, wait=True)

    def delete(self, points: Iterable[int]) -> None:
        """Take vectors out; unknown numbers are passed over."""
        for page in pages(points):
            self._told(self._client.delete, self._models.PointIdsList(points=page), wait=True)

    def finish(self) -> None:
        """Nothing to do: a server builds its graph by itself."""

    def search(
        self, vector: NDArray[np.float32], k: int, where: Where = (), among: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Numbers and cosines of the `k` nearest vectors that fit, nearest first."""
        models, config = self._models, self._config
        found = self._told(
            self._client.query_points,
            query=vector.tolist(),
            limit=k,
            query_filter=self._filter(where, among),
            search_params=models.SearchParams(
                hnsw_ef=max(config.search_candidates, k),
                quantization=models.QuantizationSearchParams(rescore=config.rescore, oversampling=config.oversampling),
            ),
        )
        return [(int(point.id), float(point.score)) for point in found.points]

    def _filter(self, where: Where, among: Collection[int] | None) -> Any:
        models = self._models
        conditions = [
            models.FieldCondition(key=one.field, match=models.MatchAny(any=list(one.values)))
            if isinstance(one, OneOf)
            else models.FieldCondition(key=one.field, range=models.Range(gte=one.least, lte=one.most))
            for one in where
        ]
        if among is not None:
            conditions.append(models.HasIdCondition(has_id=sorted(among)))
        return models.Filter(must=conditions) if conditions else None

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()
