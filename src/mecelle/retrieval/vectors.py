"""Vectors in Qdrant, in files of the index or on a server, behind one small interface."""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import ArtifactError, InputError, require
from mecelle.retrieval.config import VectorConfig

Payload = Mapping[str, str]
"""What filters compare, beside a vector; a filter is a payload in which every value must be equal."""

FILTER_FIELDS = ("kind", "court", "law_number")
_PAGE = 10_000
_EDGE_WHY = "Search by vectors"


class VectorStore(Protocol):
    """Unit vectors under numbers that stand for their content: one that is there never needs to be made again."""

    def points(self) -> set[int]:
        """Numbers of all vectors."""

    def add(self, points: Sequence[int], vectors: NDArray[np.float32], payloads: Sequence[Payload]) -> None:
        """Add or replace vectors, shape (len(points), dimension); they are on disk when this returns."""

    def delete(self, points: Iterable[int]) -> None:
        """Take vectors out; unknown numbers are passed over."""

    def finish(self) -> None:
        """Build the graph over what was added."""

    def search(self, vector: NDArray[np.float32], k: int, where: Payload | None = None) -> list[tuple[int, float]]:
        """Numbers and cosines of the `k` nearest vectors, nearest first."""

    def close(self) -> None:
        """Let go of files and connections."""


def open_store(folder: Path, dimension: int, config: VectorConfig, *, may_create: bool) -> VectorStore:
    """The store that `config` names: in `folder`, or on its server.

    may_create: make it, empty, if it is absent or unreadable. Else ArtifactError is raised for such a folder.
    """
    if config.server:
        return ServerStore.connect(config.server, dimension, config)
    return EdgeStore(folder, dimension, config, may_create=may_create)


class EdgeStore:
    """Qdrant in this process (`qdrant-edge-py`), one shard in a folder."""

    def __init__(self, folder: Path, dimension: int, config: VectorConfig, *, may_create: bool) -> None:
        """Open the shard in `folder`, or make one, also in place of one that a killed process left unreadable.

        Raises ArtifactError if it cannot be opened and may not be made.
        """
        self._edge: Any = require("qdrant_edge", extra="search", why=_EDGE_WHY)
        self._ef = config.search_candidates
        try:
            self._shard: Any = self._edge.EdgeShard.load(str(folder))
        except Exception as error:  # qdrant-edge raises bare Exception; whatever it is, vectors can be made again
            if not may_create:
                raise ArtifactError(
                    f"{folder}: the vectors cannot be opened ({error}); Qdrant needs to write in this folder: allow "
                    "it, or search with mode 'bm25'; else build the index again"
                ) from error
            self._shard = self._create(folder, dimension, config)

    def _create(self, folder: Path, dimension: int, config: VectorConfig) -> Any:
        edge = self._edge
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        graph = edge.HnswIndexConfig(
            m=config.links, ef_construct=config.build_candidates, full_scan_threshold=config.exact_below_kib
        )
        settings = edge.EdgeConfig(
            vectors=edge.EdgeVectorParams(size=dimension, distance=edge.Distance.Dot, hnsw_config=graph),
            optimizers=edge.EdgeOptimizersConfig(
                indexing_threshold=config.exact_below_kib, default_segment_number=1, deleted_threshold=0.2
            ),
            # The log would lock the shard, and two searches at once must be possible; `add` flushes instead.
            wal_enabled=False,
        )
        shard = edge.EdgeShard.create(str(folder), settings)
        for field in FILTER_FIELDS:
            shard.update(edge.UpdateOperation.create_field_index(field, edge.PayloadSchemaType.Keyword))
        return shard

    def points(self) -> set[int]:
        """Numbers of all vectors."""
        found: set[int] = set()
        offset: int | None = None
        while True:
            request = self._edge.ScrollRequest(limit=_PAGE, offset=offset, with_payload=False, with_vector=False)
            records, offset = self._shard.scroll(request)
            found.update(int(record.id) for record in records)
            if offset is None:
                return found

    def add(self, points: Sequence[int], vectors: NDArray[np.float32], payloads: Sequence[Payload]) -> None:
        """Add or replace vectors; they are on disk when this returns."""
        batch = [
            self._edge.Point(id=point, vector=vector.tolist(), payload=dict(payload))
            for point, vector, payload in zip(points, vectors, payloads, strict=True)
        ]
        self._shard.update(self._edge.UpdateOperation.upsert_points(batch))
        self._shard.flush()

    def delete(self, points: Iterable[int]) -> None:
        """Take vectors out; unknown numbers are passed over."""
        for page in _pages(sorted(points)):
            self._shard.update(self._edge.UpdateOperation.delete_points(page))
            self._shard.flush()

    def finish(self) -> None:
        """Build the graph over what was added."""
        if self._shard.optimize():
            self._shard.flush()

    def search(self, vector: NDArray[np.float32], k: int, where: Payload | None = None) -> list[tuple[int, float]]:
        """Numbers and cosines of the `k` nearest vectors, nearest first."""
        edge = self._edge
        conditions = [edge.FieldCondition(key, match=edge.MatchValue(value)) for key, value in (where or {}).items()]
        request = edge.SearchRequest(
            query=edge.Query.Nearest(vector.tolist()),
            limit=k,
            filter=edge.Filter(must=conditions) if conditions else None,
            params=edge.SearchParams(hnsw_ef=max(self._ef, k)),
        )
        return [(int(point.id), float(point.score)) for point in self._shard.search(request)]

    def close(self) -> None:
        """Let go of the files."""
        self._shard.close()


class ServerStore:
    """Vectors in a collection of a Qdrant server (`qdrant-client`).

    Run against the client's own in-memory mode only: no server binary was to be had where this was written.
    """

    def __init__(self, client: Any, dimension: int, config: VectorConfig) -> None:
        """client: a `QdrantClient`. The collection is made if it does not exist."""
        self._models: Any = require("qdrant_client.models", extra="search", why=_EDGE_WHY)
        self._client, self._name, self._ef = client, config.collection, config.search_candidates
        if not client.collection_exists(self._name):
            self._create(dimension, config)

    @classmethod
    def connect(cls, url: str, dimension: int, config: VectorConfig) -> "ServerStore":
        """Reach the server at `url`. Raises InputError if it does not answer."""
        client = require("qdrant_client", extra="search", why=_EDGE_WHY).QdrantClient(
            url=url, check_compatibility=False
        )
        try:
            client.get_collections()
        except Exception as error:
            raise InputError(
                f"{url}: no Qdrant server answers there ({error}); start it, or leave `server` out"
            ) from error
        return cls(client, dimension, config)

    def _create(self, dimension: int, config: VectorConfig) -> None:
        models = self._models
        self._client.create_collection(
            self._name,
            vectors_config=models.VectorParams(size=dimension, distance=models.Distance.DOT),
            hnsw_config=models.HnswConfigDiff(
                m=config.links, ef_construct=config.build_candidates, full_scan_threshold=config.exact_below_kib
            ),
        )
        for field in FILTER_FIELDS:
            self._client.create_payload_index(self._name, field, models.PayloadSchemaType.KEYWORD)

    def points(self) -> set[int]:
        """Numbers of all vectors."""
        found: set[int] = set()
        offset: Any = None
        while True:
            records, offset = self._client.scroll(self._name, limit=_PAGE, offset=offset, with_payload=False)
            found.update(int(record.id) for record in records)
            if offset is None:
                return found

    def add(self, points: Sequence[int], vectors: NDArray[np.float32], payloads: Sequence[Payload]) -> None:
        """Add or replace vectors; the server has them when this returns."""
        batch = [
            self._models.PointStruct(id=point, vector=vector.tolist(), payload=dict(payload))
            for point, vector, payload in zip(points, vectors, payloads, strict=True)
        ]
        self._client.upsert(self._name, batch, wait=True)

    def delete(self, points: Iterable[int]) -> None:
        """Take vectors out; unknown numbers are passed over."""
        for page in _pages(sorted(points)):
            self._client.delete(self._name, self._models.PointIdsList(points=page), wait=True)

    def finish(self) -> None:
        """Nothing to do: a server builds its graph by itself."""

    def search(self, vector: NDArray[np.float32], k: int, where: Payload | None = None) -> list[tuple[int, float]]:
        """Numbers and cosines of the `k` nearest vectors, nearest first."""
        models = self._models
        conditions = [
            models.FieldCondition(key=key, match=models.MatchValue(value=value)) for key, value in (where or {}).items()
        ]
        found = self._client.query_points(
            self._name,
            query=vector.tolist(),
            limit=k,
            query_filter=models.Filter(must=conditions) if conditions else None,
            search_params=models.SearchParams(hnsw_ef=max(self._ef, k)),
        )
        return [(int(point.id), float(point.score)) for point in found.points]

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()


def _pages(points: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(points), _PAGE):
        yield points[start : start + _PAGE]
