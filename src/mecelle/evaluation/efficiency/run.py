"""One model through all variants: a record that holds every figure."""

import multiprocessing
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from mecelle.base.config import dump
from mecelle.base.errors import InputError
from mecelle.base.progress import Progress
from mecelle.evaluation.efficiency import probe
from mecelle.evaluation.efficiency.collection import Vectors
from mecelle.evaluation.efficiency.config import EfficiencyConfig
from mecelle.evaluation.efficiency.quality import best_rows, recall
from mecelle.evaluation.efficiency.variants import Variant, variants
from mecelle.evaluation.metrics.ranking import score_rankings
from mecelle.evaluation.record import TaskRecord

TASK = "production_efficiency.v1"
MAIN = "recall@k"
EXACT = "ndcg@10 of exact search"
"""What no way of storing can be expected to beat."""
MIB = 1024**2
NOTES = (
    "Qdrant in this process: no network, no request parsing, no optimiser in the background; times are lower bounds of "
    "a server's, and not comparable with Table 25's.",
    "The main score is recall@k of the paper's setting (INT8, all dimensions, no rescoring) against exact search; "
    "copies of one text count for each other.",
    "Qdrant draws the levels of its graph without a seed: recall differs slightly from run to run.",
)

P = ParamSpec("P")
R = TypeVar("R")


def key(measure: str, variant: Variant) -> str:
    """Name of a score that belongs to one variant, such as `p95 ms | 384 int8, rescored`."""
    return f"{measure} | {variant.name}"


def measure(
    vectors: Vectors, config: EfficiencyConfig, *, model: str, fingerprint: str, data: str, seed: int
) -> TaskRecord:
    """Store and search `vectors` in all variants.

    Raises InputError if there are fewer documents than results of a search.
    """
    if len(vectors.documents) < config.k:
        raise InputError(f"{len(vectors.documents)} documents for {config.k} results a search; lower k or give more")
    clock = time.perf_counter()
    dimension = vectors.documents.shape[1]
    planned = variants(dimension, cuts=config.dimensions, storages=config.storages)
    scores: dict[str, float] = {"documents": len(vectors.documents), "dimension": dimension}
    main = Variant(dimension, "int8" if "int8" in config.storages else config.storages[0])
    values = np.zeros(len(vectors.queries))
    with (
        tempfile.TemporaryDirectory(prefix="mecelle-efficiency-") as name,
        Progress(f"efficiency of {model}", total=len(planned), unit="variants") as progress,
    ):
        folder = Path(name)
        np.save(folder / probe.DOCUMENTS, vectors.documents)
        np.save(folder / probe.QUERIES, vectors.queries)
        for (size, storage), group in groupby(planned, key=lambda variant: (variant.dimension, variant.storage)):
            shard = folder / f"{size}-{storage}"
            built = probe.build(folder, shard, size, storage, config)
            for variant in group:
                found = _apart(probe.search, folder, shard, variant, config)
                recalls = recall(vectors.documents, vectors.queries, found.found)
                if variant == main:
                    values = recalls
                scores |= _figures(variant, built, found, recalls, vectors)
                progress.advance(variant=variant.name)
    scores[MAIN] = float(values.mean())
    if vectors.gold:
        scores[EXACT] = _ndcg(best_rows(vectors.documents, vectors.queries, config.k), vectors)
    return TaskRecord(
        model=model,
        fingerprint=fingerprint,
        task=TASK,
        kind="efficiency",
        split="all",
        main_score=MAIN,
        scores=scores,
        unit="query",
        ids=vectors.query_ids,
        values=tuple(values.tolist()),
        n=len(vectors.query_ids),
        seed=seed,
        parameters=dump(config),
        data=data,
        versions={name: version(name) for name in ("qdrant-edge-py", "numpy")},
        seconds=time.perf_counter() - clock,
        embedding_seconds=vectors.seconds,
        notes=NOTES,
    )


def _figures(
    variant: Variant, built: probe.Build, found: probe.Search, recalls: np.ndarray, vectors: Vectors
) -> dict[str, float]:
    milliseconds = found.seconds * 1000
    figures = {
        MAIN: float(recalls.mean()),
        "p50 ms": float(np.percentile(milliseconds, 50)),
        "p95 ms": float(np.percentile(milliseconds, 95)),
        "p99 ms": float(np.percentile(milliseconds, 99)),
        "bytes per vector": variant.bytes_per_vector,
        "resident MiB": found.resident_bytes / MIB,
        "anonymous MiB": found.anonymous_bytes / MIB,
        "disk MiB": built.disk_bytes / MIB,
        "log MiB": built.log_bytes / MIB,
        "seconds per batch": float(np.mean(built.batch_seconds)),
        "graph seconds": built.graph_seconds,
        "share in graph": built.indexed / len(vectors.documents),
    }
    if vectors.gold:
        figures["ndcg@10"] = _ndcg(found.found, vectors)
    return {key(name, variant): figure for name, figure in figures.items()}


def _ndcg(found: NDArray[np.int64], vectors: Vectors) -> float:
    """Mean nDCG@10 of rows of documents, shape (queries, k), -1 where there were fewer."""
    rankings = {
        query: [str(row) for row in rows if row >= 0]
        for query, rows in zip(vectors.query_ids, found.tolist(), strict=True)
    }
    return float(np.mean(list(score_rankings(rankings, vectors.gold)["ndcg@10"].values())))


def _apart(task: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run `task` in a fresh process and wait for it."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(task, *args, **kwargs).result()
