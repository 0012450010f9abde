"""Find all duplicates of the staged shards: exact ones first, near ones among what is left."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mecelle.base.collection import JsonlWriter, read_jsonl
from mecelle.base.config import Config
from mecelle.corpus.dedup.clusters import Cluster, Order
from mecelle.corpus.dedup.exact import exact_clusters
from mecelle.corpus.dedup.minhash import MinHash, NearDuplicates
from mecelle.corpus.dedup.signatures import Signatures

REASONS = {"exact": "exact_duplicate", "minhash": "near_duplicate"}


class Dedup(Config):
    """Which duplicates are looked for."""

    exact: bool = True
    """Documents with equal cleaned text."""
    minhash: MinHash | None = MinHash()
    """Near-duplicates; null looks for none."""


class Search:
    """The rows of all staged shards and the duplicates among them."""

    def __init__(self, staged: Path, *, tasks: int) -> None:
        """staged: folder of the step `sign`."""
        self._staged, self._tasks = staged, tasks
        shards = [list(read_jsonl(staged / f"{rank:05d}.rows.jsonl")) for rank in range(tasks)]
        self._starts = [sum(map(len, shards[:rank])) for rank in range(tasks)]
        self._rows: list[dict[str, Any]] = [row for shard in shards for row in shard]
        self._signatures = Signatures([staged / f"{rank:05d}" for rank in range(tasks)])
        self.figures: dict[str, Any] = {}

    def clusters(self, config: Dedup, *, settled: Iterable[str] = ()) -> list[Cluster]:
        """All clusters; a document leaves at most once. settled: ids that stay if they can (see `Order`)."""
        known = frozenset(settled)
        order = Order(row for row, names in enumerate(self._rows) if names["id"] in known)
        hashes, officials = [row["content_hash"] for row in self._rows], self._signatures.official.tolist()
        found = exact_clusters(hashes, order, officials) if config.exact else []
        self.figures = {"exact_clusters": len(found), "exact_duplicates": sum(len(one.members) for one in found)}
        if config.minhash:
            found += self._near(config.minhash, order, gone={m.row for one in found for m in one.members})
        return found

    def _near(self, config: MinHash, order: Order, *, gone: set[int]) -> list[Cluster]:
        search = NearDuplicates(self._signatures, config, order)
        found = search.clusters([row for row in range(len(self._rows)) if row not in gone])
        self.figures |= {
            "near_clusters": len(found),
            "near_duplicates": sum(len(one.members) for one in found),
            "candidates_below": search.candidates_below,
            "candidates_refused": search.candidates_refused,
        }
        return found

    def write_leaving(self, clusters: Iterable[Cluster], folder: Path) -> None:
        """One file a shard: the places of documents that leave, with reason, similarity and representative."""
        leaving = {
            member.row: {
                "reason": REASONS[cluster.method],
                "measured": {
                    "cluster": self._name(cluster),
                    "similarity": member.similarity,
                    "representative": self._rows[cluster.representative]["id"],
                },
            }
            for cluster in clusters
            for member in cluster.members
        }
        for rank, start in enumerate(self._starts):
            end = self._starts[rank + 1] if rank + 1 < self._tasks else len(self._rows)
            with JsonlWriter(folder / f"{rank:05d}.jsonl") as writer:
                for row in range(start, end):
                    if row in leaving:
                        writer.write({"place": row - start} | leaving[row])

    def write_clusters(self, clusters: Iterable[Cluster], path: Path) -> None:
        """One line a cluster: {cluster, method, representative, members}; the representative is the first member."""
        with JsonlWriter(path) as writer:
            for cluster in clusters:
                members = [(cluster.representative, 1.0), *((m.row, m.similarity) for m in cluster.members)]
                writer.write(
                    {
                        "cluster": self._name(cluster),
                        "method": cluster.method,
                        "representative": self._rows[cluster.representative]["id"],
                        "members": [self._member(row, similarity) for row, similarity in members],
                    }
                )

    def _name(self, cluster: Cluster) -> str:
        return f"{cluster.method}-{self._rows[cluster.representative]['id']}"

    def _member(self, row: int, similarity: float) -> dict[str, Any]:
        names = self._rows[row]
        return {"id": names["id"], "source_id": names["source_id"], "similarity": similarity}
