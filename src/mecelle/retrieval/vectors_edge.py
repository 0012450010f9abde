"""Qdrant in this process (`qdrant-edge-py`): one shard in a folder of the index."""

import shutil
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import ArtifactError, require
from mecelle.retrieval.config import VectorConfig
from mecelle.retrieval.disk import OPEN_BYTES, check_room, told_when_disk_is_full
from mecelle.retrieval.filters import KEYWORDS, OneOf, Payload, Where
from mecelle.retrieval.vectors import AT_ONCE, pages


class EdgeStore:
    """`VectorStore` in files."""

    def __init__(self, folder: Path, dimension: int, config: VectorConfig, *, may_create: bool) -> None:
        """Open the shard in `folder`, or make one, also in place of one that a killed process left unreadable.

        Raises ArtifactError if it is gone or cannot be opened and may not be made, ResourceError on a full disk.
        """
        self._edge: Any = require("qdrant_edge", extra="search", why="Search by vectors")
        self._folder, self._dimension, self._config = folder, dimension, config
        try:
            with told_when_disk_is_full(folder):
                check_room(folder.parent if may_create else folder, least_bytes=OPEN_BYTES)
        except FileNotFoundError as error:
            raise ArtifactError(f"{folder}: no vectors are there; build the index again") from error
        try:
            self._shard: Any = self._edge.EdgeShard.load(str(folder))
        except Exception as error:  # qdrant-edge raises bare Exception; whatever it is, vectors can be made again
            if not may_create:
                raise ArtifactError(
                    f"{folder}: the vectors cannot be opened ({error}); Qdrant needs to write in this folder: allow "
                    "it, or search with mode 'bm25'; else build the index again"
                ) from error
            self._shard = self._create()

    def _settings(self) -> Any:
        edge, config = self._edge, self._config
        graph = edge.HnswIndexConfig(
            m=config.links, ef_construct=config.build_candidates, full_scan_threshold=config.exact_below_kib
        )
        is_small = config.storage == "int8"
        vectors = edge.EdgeVectorParams(
            size=self._dimension,
            distance=edge.Distance.Dot,
            hnsw_config=graph,
            on_disk=is_small,  # what is only read for rescoring need not be held
            quantization_config=edge.ScalarQuantizationConfig(
                edge.ScalarType.Int8, quantile=config.quantile, always_ram=True
            )
            if is_small
            else None,
        )
        return edge.EdgeConfig(
            vectors=vectors,
            on_disk_payload=True,
            optimizers=edge.EdgeOptimizersConfig(
                indexing_threshold=config.exact_below_kib,
                default_segment_number=1,
                # One deleted vector has its segment written anew: until then its bytes stay in the files.
                deleted_threshold=1e-12,
                vacuum_min_vector_number=1,
            ),
            # The log would lock the shard, and two searches at once must be possible; `add` flushes instead.
            wal_enabled=False,
        )

    def _create(self) -> Any:
        edge = self._edge
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        shard = edge.EdgeShard.create(str(self._folder), self._settings())
        for field in KEYWORDS:
            shard.update(edge.UpdateOperation.create_field_index(field, edge.PayloadSchemaType.Keyword))
        shard.update(edge.UpdateOperation.create_field_index("year", edge.PayloadSchemaType.Integer))
        return shard

    def points(self) -> set[int]:
        """Numbers of all vectors."""
        found: set[int] = set()
        offset: int | None = None
        while True:
            request = self._edge.ScrollRequest(limit=AT_ONCE, offset=offset, with_payload=False, with_vector=False)
            records, offset = self._told(self._shard.scroll, request)
            found.update(int(record.id) for record in records)
            if offset is None:
                return found

    def vectors(self, points: Collection[int]) -> dict[int, NDArray[np.float32]]:
        """The vector of each of those points that are there, shape (dimension,)."""
        records = self._told(self._shard.retrieve, list(points), with_payload=False, with_vector=True)
        return {int(record.id): np.array(record.vector, dtype=np.float32) for record in records}

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
        for page in pages(points):
            self._shard.update(self._edge.UpdateOperation.delete_points(page))
            self._shard.flush()

    def finish(self) -> None:
        """Build the graph over what was added, and take the bytes of what was deleted out of the files."""
        self._shard.close()  # opened anew with these settings: those of before let a fifth of deleted vectors stay
        self._shard = self._told(self._edge.EdgeShard.load, str(self._folder), self._settings())
        if self._shard.optimize():
            self._shard.flush()
        # The first opening removes journals and rewrites settings, which a backup must not see happen.
        self._shard.close()
        self._shard = self._told(self._edge.EdgeShard.load, str(self._folder))

    def search(
        self, vector: NDArray[np.float32], k: int, where: Where = (), among: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Numbers and cosines of the `k` nearest vectors that fit, nearest first."""
        edge, config = self._edge, self._config
        is_small = config.storage == "int8"
        request = edge.SearchRequest(
            query=edge.Query.Nearest(vector.tolist()),
            limit=k,
            filter=self._filter(where, among),
            params=edge.SearchParams(
                hnsw_ef=max(config.search_candidates, k),
                quantization=edge.QuantizationSearchParams(rescore=config.rescore, oversampling=config.oversampling)
                if is_small
                else None,
            ),
        )
        found = self._told(self._shard.search, request)
        return [(int(point.id), float(point.score)) for point in found]

    def _told(self, read: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
        """What a call of the shard that reads returns; its bare Exception, as ArtifactError."""
        try:
            return read(*arguments, **named)
        except Exception as error:
            raise ArtifactError(f"the vectors cannot be read ({error}); build the index again") from error

    def _filter(self, where: Where, among: Collection[int] | None) -> Any:
        edge = self._edge
        conditions = [
            edge.FieldCondition(one.field, match=edge.MatchAny(list(one.values)))
            if isinstance(one, OneOf)
            else edge.FieldCondition(one.field, range=edge.RangeFloat(gte=one.least, lte=one.most))
            for one in where
        ]
        if among is not None:
            conditions.append(edge.HasIdCondition(set(among)))
        return edge.Filter(must=conditions) if conditions else None

    def close(self) -> None:
        """Let go of the files."""
        self._shard.close()
