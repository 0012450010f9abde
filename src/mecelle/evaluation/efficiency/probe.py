"""Building and searching one shard. A search is run in a process of its own: its memory is the shard's and no more."""

import time
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from mecelle.evaluation.efficiency import engine
from mecelle.evaluation.efficiency.config import EfficiencyConfig
from mecelle.evaluation.efficiency.variants import Storage, Variant

DOCUMENTS, QUERIES = "documents.npy", "queries.npy"
"""Unit vectors in full, float32, shape (rows, dimension): files that both processes read."""
_LOG_FOLDER = "wal"


@dataclass(frozen=True)
class Build:
    """What it took to store a collection."""

    batch_seconds: tuple[float, ...]
    """Of each full batch of the ingest."""
    graph_seconds: float
    """To build the graph and to quantise."""
    disk_bytes: int
    """Blocks on disk without the log."""
    log_bytes: int
    """Blocks of the write-ahead log."""
    indexed: int
    """Vectors in the graph; fewer than there are means that the rest is compared one by one."""


@dataclass(frozen=True)
class Search:
    """What the searches found and took."""

    found: NDArray[np.int64]
    """Rows of the documents, shape (queries, k), nearest first; -1 where there were fewer."""
    seconds: NDArray[np.float64]
    """Of each timed search, shape (passes * queries,)."""
    resident_bytes: int
    """Growth of the process from before the shard was opened until after the searches, mapped files included."""
    anonymous_bytes: int
    """The part of it that no file backs: it cannot be given back to the system."""


def cut(vectors: NDArray[np.float32], dimension: int) -> NDArray[np.float32]:
    """The first `dimension` components, as unit vectors again (Matryoshka, arXiv:2205.13147)."""
    short = np.array(vectors[:, :dimension], dtype=np.float32)
    norms = np.linalg.norm(short, axis=1, keepdims=True)
    short /= np.where(norms > 0, norms, 1)
    return short


def build(folder: Path, shard_folder: Path, dimension: int, storage: Storage, config: EfficiencyConfig) -> Build:
    """Store the documents of `folder`, cut to `dimension`, in a new shard."""
    vectors = cut(np.load(folder / DOCUMENTS, mmap_mode="r"), dimension)
    shard_folder.mkdir(parents=True)
    shard = engine.create(shard_folder, dimension, storage, config)
    starts = range(0, len(vectors), config.batch)
    seconds = [engine.insert(shard, vectors[start : start + config.batch], start) for start in starts]
    full = len(vectors) // config.batch
    clock = time.perf_counter()
    shard.optimize()
    shard.flush()
    graph_seconds = time.perf_counter() - clock
    indexed = int(shard.info().indexed_vectors_count)
    shard.close()
    sizes = {path: path.stat().st_blocks * 512 for path in shard_folder.rglob("*") if path.is_file()}
    log = sum(size for path, size in sizes.items() if _LOG_FOLDER in path.relative_to(shard_folder).parts)
    return Build(tuple(seconds[:full] or seconds), graph_seconds, sum(sizes.values()) - log, log, indexed)


def search(folder: Path, shard_folder: Path, variant: Variant, config: EfficiencyConfig) -> Search:
    """Ask all queries of `folder`, one after another: one pass to warm up, then the timed ones."""
    queries = np.load(folder / QUERIES)
    short = cut(queries, variant.dimension)
    engine.edge_library()  # its code is not the collection's memory
    process = psutil.Process()
    before = process.memory_info()
    full = np.load(folder / DOCUMENTS, mmap_mode="r") if variant.rescoring == "full" else None
    shard = engine.load(shard_folder)
    limit = config.k if full is None else ceil(config.k * config.oversampling)
    found = np.full((len(queries), config.k), -1, dtype=np.int64)
    seconds: list[float] = []
    for turn in range(config.passes + 1):
        for row, vector in enumerate(short):
            clock = time.perf_counter()
            rows = engine.search(shard, vector, limit, variant, config)
            if full is not None:
                rows = _rescore(full, queries[row], rows)[: config.k]
            if turn:
                seconds.append(time.perf_counter() - clock)
            found[row, : len(rows)] = rows
    after = process.memory_info()
    shard.close()
    anonymous = (after.rss - after.shared) - (before.rss - before.shared)
    return Search(found, np.array(seconds), max(after.rss - before.rss, 0), max(anonymous, 0))


def _rescore(full: NDArray[np.float32], query: NDArray[np.float32], rows: list[int]) -> list[int]:
    scores = full[rows] @ query
    return [rows[place] for place in np.argsort(-scores, kind="stable")]
