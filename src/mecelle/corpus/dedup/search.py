"""Find all duplicates of the staged shards: exact ones first, near ones among what is left, then those in meaning."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from mecelle.base.collection import JsonlWriter
from mecelle.base.config import Config
from mecelle.corpus.dedup.clusters import cluster_name, write_clusters
from mecelle.corpus.dedup.duplicates import METHODS, Duplicates, Method
from mecelle.corpus.dedup.exact import exact_duplicates
from mecelle.corpus.dedup.minhash import MinHash
from mecelle.corpus.dedup.near import near_duplicates
from mecelle.corpus.dedup.semantic import SemHash, semantic_duplicates
from mecelle.corpus.dedup.signatures import Signatures

REASONS: dict[Method, str] = {
    "exact": "exact_duplicate", "minhash": "near_duplicate", "semantic": "semantic_duplicate",
}  # fmt: skip

_SHARDS_AT_ONCE = 100
"""Shards whose representatives, which stand anywhere, are looked up together."""


class Dedup(Config):
    """Which duplicates are looked for."""

    exact: bool = True
    """Documents with equal cleaned text."""
    minhash: MinHash | None = MinHash()
    """Near-duplicates; null looks for none."""
    semantic: SemHash | None = None
    """Documents that mean the same by an encoder, among those that are left; null looks for none."""

    @property
    def signing(self) -> MinHash:
        """How documents are signed, whatever is looked for."""
        return self.minhash or MinHash()


class Search:
    """The rows of all staged shards and the duplicates among them."""

    def __init__(self, staged: Path, *, tasks: int, work: Path) -> None:
        """staged: folder of the step `sign`. work: folder for what does not fit into memory."""
        self._shards = [staged / f"{rank:05d}" for rank in range(tasks)]
        self._work = work
        self.signatures = Signatures(self._shards)
        self.figures: dict[str, Any] = {}

    def run(self, config: Dedup, *, settled: Iterable[str] = (), vectors: Path | None = None) -> None:
        """Find all duplicates.

        settled: ids that stay if they can (see `Duplicates`). vectors: folder in which embeddings are kept across runs.
        """
        known = frozenset(settled)
        of_rows = (one["id"] in known for one in self.signatures.names()) if known else None
        self._found = found = Duplicates(len(self.signatures), work=self._work / "duplicates", settled=of_rows)
        self.figures = {}
        if config.exact:
            exact_duplicates(self.signatures, found)
        if config.minhash:
            self.figures |= near_duplicates(self.signatures, config.minhash, found, work=self._work / "near")
        if config.semantic:
            texts = [shard.with_suffix(".jsonl.zst") for shard in self._shards]
            self.figures |= semantic_duplicates(
                texts, self.signatures, config.semantic, found, work=self._work / "semantic", vectors=vectors
            )
        self.figures |= {f"{REASONS[method]}s": found.count(method) for method in METHODS}

    def write_leaving(self, folder: Path) -> None:
        """One file a shard: the places of documents that leave, with reason, similarity and representative."""
        starts = self.signatures.starts.tolist()
        for at in range(0, len(self._shards), _SHARDS_AT_ONCE):
            ranks = range(len(self._shards))[at : at + _SHARDS_AT_ONCE]
            start, end = starts[ranks[0]], starts[ranks[-1] + 1]
            leaving = start + np.flatnonzero(~self._found.stays(start, end))
            representatives = np.unique(self._found.representative[leaving])
            ids = [names["id"] for names in self.signatures.take_names(representatives)]
            id_of = dict(zip(representatives.tolist(), ids, strict=True))
            for rank in ranks:
                first, last = np.searchsorted(leaving, starts[rank : rank + 2])
                with JsonlWriter(folder / f"{rank:05d}.jsonl") as writer:
                    for row in leaving[first:last].tolist():
                        writer.write({"place": row - starts[rank]} | self._why(row, id_of))

    def _why(self, row: int, id_of: dict[int, str]) -> dict[str, Any]:
        method, representative, similarity = self._found.verdict(row)
        measured = {
            "cluster": cluster_name(method, id_of[representative]),
            "similarity": round(similarity, 4),
            "representative": id_of[representative],
        }
        return {"reason": REASONS[method], "measured": measured}

    def write_clusters(self, folder: Path) -> None:
        """All clusters, as `clusters.jsonl` and `clusters.sqlite`."""
        write_clusters(self._found.clusters(), self.signatures, folder)
