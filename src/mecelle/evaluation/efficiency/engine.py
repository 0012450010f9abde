"""A Qdrant shard in this process (`qdrant-edge-py`), with the settings of a production collection.

It is the storage engine of the server (segments, write-ahead log, HNSW, quantisation) without what stands around it: no
network, no serialisation of requests, no optimiser in the background (`optimize` runs when it is called), no flush by
the clock. Latency and ingest here are therefore lower bounds of a server's; recall, disk and the sizes in memory are
the engine's own.
"""

import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import require
from mecelle.evaluation.efficiency.config import EfficiencyConfig
from mecelle.evaluation.efficiency.variants import Storage, Variant

_GRAPH_FROM_KIB = 10
"""Qdrant walks a graph only in collections above this; the least that it takes."""


def edge_library() -> Any:
    """The package; it is imported when first needed."""
    return require("qdrant_edge", extra="search", why="Measuring the efficiency of search")


def create(folder: Path, dimension: int, storage: Storage, config: EfficiencyConfig) -> Any:
    """An empty shard in `folder`, which must exist. One thread builds and searches."""
    edge = edge_library()
    graph = edge.HnswIndexConfig(
        m=config.links,
        ef_construct=config.build_candidates,
        full_scan_threshold=_GRAPH_FROM_KIB,
        max_indexing_threads=1,
        on_disk=config.graph_on_disk,
    )
    vectors = edge.EdgeVectorParams(
        size=dimension,
        distance=edge.Distance.Dot,
        hnsw_config=graph,
        quantization_config=_quantisation(edge, storage, config),
        on_disk=storage != "float32",  # what is only read for rescoring need not be held
    )
    optimizers = edge.EdgeOptimizersConfig(indexing_threshold=_GRAPH_FROM_KIB, default_segment_number=1)
    settings = edge.EdgeConfig(
        vectors=vectors, optimizers=optimizers, wal_enabled=config.write_ahead_log, max_search_threads=1
    )
    return edge.EdgeShard.create(str(folder), settings)


def load(folder: Path) -> Any:
    """The shard that `create` made in `folder`."""
    return edge_library().EdgeShard.load(str(folder))


def insert(shard: Any, vectors: NDArray[np.float32], first: int) -> float:
    """Seconds to insert rows under the numbers `first`, `first + 1`, ...: from an array to the engine's log."""
    edge = edge_library()
    clock = time.perf_counter()
    points = [edge.Point(id=first + row, vector=vector.tolist(), payload={}) for row, vector in enumerate(vectors)]
    shard.update(edge.UpdateOperation.upsert_points(points))
    return time.perf_counter() - clock


def search(
    shard: Any, vector: NDArray[np.float32], limit: int, variant: Variant, config: EfficiencyConfig
) -> list[int]:
    """Numbers of the `limit` nearest points, nearest first, without rescoring by vectors before the cut."""
    edge = edge_library()
    quantised = variant.storage != "float32"
    own = variant.rescoring == "own"
    rescoring = edge.QuantizationSearchParams(rescore=own, oversampling=config.oversampling if own else None)
    request = edge.SearchRequest(
        query=edge.Query.Nearest(vector.tolist()),
        limit=limit,
        params=edge.SearchParams(
            hnsw_ef=max(config.search_candidates, limit), quantization=rescoring if quantised else None
        ),
    )
    return [int(point.id) for point in shard.search(request)]


def _quantisation(edge: Any, storage: Storage, config: EfficiencyConfig) -> Any:
    if storage == "int8":
        return edge.ScalarQuantizationConfig(edge.ScalarType.Int8, quantile=config.quantile, always_ram=True)
    return edge.BinaryQuantizationConfig(always_ram=True) if storage == "binary" else None
