"""Clusters of duplicates as files: lines for people and other stages, and a table that answers for one document."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from mecelle.base.collection import JsonlWriter
from mecelle.corpus.dedup.duplicates import Cluster
from mecelle.corpus.dedup.signatures import Signatures

LINES, TABLE = "clusters.jsonl", "clusters.sqlite"

_CLUSTERS_AT_ONCE = 10_000

_SCHEMA = """
PRAGMA journal_mode = OFF;
CREATE TABLE clusters (number INTEGER PRIMARY KEY, line TEXT NOT NULL);
CREATE TABLE members (id TEXT NOT NULL, cluster INTEGER NOT NULL);
"""


def write_clusters(clusters: Iterable[Cluster], signatures: Signatures, folder: Path) -> None:
    """Write `clusters.jsonl` and `clusters.sqlite` into `folder`.

    A line is {cluster, method, representative, members}; members are {id, source_id, similarity}, and the first of them
    is the representative. A cluster is called by its method and the id of its representative.
    """
    with (
        JsonlWriter(folder / LINES) as lines,
        closing(sqlite3.connect(folder / TABLE)) as table,
    ):
        table.executescript(_SCHEMA)
        for number, line in enumerate(_lines(iter(clusters), signatures)):
            lines.write(line)
            table.execute("INSERT INTO clusters VALUES (?, ?)", (number, orjson.dumps(line).decode()))
            table.executemany("INSERT INTO members VALUES (?, ?)", [(one["id"], number) for one in line["members"]])
        table.execute("CREATE INDEX members_by_id ON members (id)")
        table.commit()


def clusters_of(folder: Path, identifier: str) -> list[dict[str, Any]]:
    """Every cluster that holds the document called `identifier`, and every one that shares a document with those.

    folder: of `write_clusters`. The clusters are lines as in `clusters.jsonl`, in their order there; none if the
    document has no duplicate.
    """
    found: dict[int, dict[str, Any]] = {}
    waiting, met = [identifier], {identifier}
    with closing(sqlite3.connect(f"file:{folder / TABLE}?mode=ro", uri=True)) as table:
        while waiting:
            query = "SELECT number, line FROM clusters JOIN members ON cluster = number WHERE id = ?"
            for number, line in table.execute(query, (waiting.pop(),)):
                found[number] = orjson.loads(line)
                linked = {member["id"] for member in found[number]["members"]} - met
                waiting += sorted(linked)
                met |= linked
    return [found[number] for number in sorted(found)]


def cluster_name(method: str, representative: str) -> str:
    """What a cluster is called in all files; representative: its id."""
    return f"{method}-{representative}"


def _lines(clusters: Iterator[Cluster], signatures: Signatures) -> Iterator[dict[str, Any]]:
    while some := list(islice(clusters, _CLUSTERS_AT_ONCE)):
        rows = np.unique(np.concatenate([[one.representative, *one.members] for one in some]))
        names = dict(zip(rows.tolist(), signatures.take_names(rows), strict=True))
        for one in some:
            representative = names[one.representative]
            members = [
                names[row] | {"similarity": round(similarity, 4)}
                for row, similarity in zip(one.members.tolist(), one.similarities.tolist(), strict=True)
            ]
            yield {
                "cluster": cluster_name(one.method, representative["id"]),
                "method": one.method,
                "representative": representative["id"],
                "members": [representative | {"similarity": 1.0}, *members],
            }
