"""Semantic deduplication: how much leaves at the papers' thresholds, what it merges wrongly, and SemHash beside it.

    python benchmarks/semantic_duplicates.py --documents 2000 --seed 7

Real decisions and articles without exact and near duplicates, as the pipeline would hand them over, and pairs that
differ in one decisive thing (false_merges.py). Vectors are the same for all: ours makes them and keeps them.
"""

import argparse
import json
import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from false_merges import NOT_GUARDED, Twins, twins
from measuring import DATA, machine, write_results
from near_duplicates import rate, real_texts
from semhash import SemHash as Theirs

from mecelle.base.collection import JsonlWriter
from mecelle.base.document import content_hash
from mecelle.corpus.dedup.clusters import write_clusters
from mecelle.corpus.dedup.duplicates import Duplicates
from mecelle.corpus.dedup.exact import exact_duplicates
from mecelle.corpus.dedup.minhash import MinHash, Signer
from mecelle.corpus.dedup.near import near_duplicates
from mecelle.corpus.dedup.semantic import SemHash, semantic_duplicates
from mecelle.corpus.dedup.signatures import Signatures, SignatureWriter


def stage(texts: list[str], folder: Path) -> Signatures:
    """Texts as the step `sign` leaves them."""
    signer = Signer(MinHash(), seed=7)
    with JsonlWriter(folder / "00000.jsonl.zst") as documents, SignatureWriter(folder / "00000") as writer:
        for number, text in enumerate(texts):
            content = content_hash(text)
            documents.write({"id": str(number), "text": text, "metadata": {"content_hash": content}})
            names = {"id": str(number), "source_id": None}
            writer.add(names, content_hash=content, official=0, signature=signer.sign(text))
    return Signatures([folder / "00000"])


def ours(texts: list[str], config: SemHash, work: Path, *, near: bool) -> tuple[Duplicates, dict[str, Any], Signatures]:
    """Semantic duplicates of texts, after exact and near ones if asked."""
    work.mkdir(parents=True, exist_ok=True)
    signatures = stage(texts, work)
    found = Duplicates(len(texts), work=work)
    if near:
        exact_duplicates(signatures, found)
        near_duplicates(signatures, MinHash(), found, work=work / "near")
    before = int(found.stays(0, len(found)).sum())
    began = time.perf_counter()
    counts = semantic_duplicates(
        [work / "00000.jsonl.zst"], signatures, config, found, work=work / "semantic", vectors=work.parent / "vectors"
    )
    counts |= {"before": before, "leave": found.count("semantic"), "drop_rate": rate(found.count("semantic"), before)}
    return found, counts | {"seconds": time.perf_counter() - began}, signatures


def kept_vectors(texts: list[str], folder: Path) -> np.ndarray[Any, Any]:
    """The vectors that ours has kept."""
    with closing(sqlite3.connect(folder / "vectors.sqlite")) as table:
        stored = dict(table.execute("SELECT content, vector FROM vectors").fetchall())
    return np.stack([np.frombuffer(stored[content_hash(text)], dtype=np.float16) for text in texts]).astype(np.float32)


def theirs(texts: list[str], vectors: np.ndarray[Any, Any], least: float) -> dict[str, Any]:
    """What SemHash lets go, with its own approximate index."""
    records = [{"number": str(number)} for number in range(len(texts))]
    hasher = Theirs.from_embeddings(vectors, records, model=_NoModel(), columns=["number"])  # type: ignore[arg-type]
    result = hasher.self_deduplicate(threshold=least)
    return {int(one.record["number"]): int(one.duplicate_of["number"]) for one in result.filtered}


class _NoModel:
    def encode(self, *_: Any, **__: Any) -> Any:
        raise AssertionError("vectors are given")


def measure_drops(texts: list[str], work: Path, looked_at: Path) -> list[dict[str, Any]]:
    """The drop rates, with and without the guard, and SemHash on what exact and near search leave."""
    rows = []
    for guard in (False, True):
        for least in (0.95, 0.75):
            config = SemHash(least_similarity=least, decisive_tokens=guard)
            place = work / f"{guard}-{least}"
            found, counts, signatures = ours(texts, config, place, near=True)
            row = {"tool": "mecelle", "guard": guard, "least": least} | counts
            print(json.dumps(row))
            rows.append(row)
            write_clusters(found.clusters(), signatures, place)
            show(place / "clusters.jsonl", texts, looked_at / f"clusters-{'guard' if guard else 'open'}-{least}.txt")
            if not guard:
                rows.append(beside(texts, found, work / "vectors", least))
                print(json.dumps(rows[-1]))
    return rows


def beside(texts: list[str], found: Duplicates, vectors: Path, least: float) -> dict[str, Any]:
    """SemHash on the documents that reached ours, and how many verdicts agree."""
    methods = {row: found.verdict(row)[0] for row in range(len(found)) if not found.stays(row, row + 1)[0]}
    rows = [row for row in range(len(found)) if methods.get(row) in (None, "semantic")]
    left = theirs([texts[row] for row in rows], kept_vectors([texts[row] for row in rows], vectors), least)
    agree = sum((at in left) == (row in methods) for at, row in enumerate(rows))
    return {
        "tool": "semhash", "least": least, "before": len(rows), "leave": len(left),
        "drop_rate": rate(len(left), len(rows)), "same_verdict": rate(agree, len(rows)),
    }  # fmt: skip


def measure_false_merges(pairs: list[Twins], work: Path) -> list[dict[str, Any]]:
    """The share of twins of which one leaves for the other, or both for a third."""
    texts = [text for pair in pairs for text in (pair.left, pair.right)]
    rows: list[dict[str, Any]] = []
    for guard in (False, True):
        for least in (0.95, 0.75):
            config = SemHash(least_similarity=least, decisive_tokens=guard)
            found, _, _ = ours(texts, config, work / f"twins-{guard}-{least}", near=False)
            stands_for = dict(enumerate(found.representative.tolist()))
            rows.append({"tool": "mecelle", "guard": guard, "least": least} | merged(pairs, stands_for))
            if not guard:
                gone = theirs(texts, kept_vectors(texts, work / "vectors"), least)
                rows.append({"tool": "semhash", "least": least} | merged(pairs, gone))
    for row in rows:
        print(json.dumps(row))
    return rows


def merged(pairs: list[Twins], stands_for: dict[int, int]) -> dict[str, Any]:
    """Pairs of each sort that one document stands for."""
    marks: dict[str, list[bool]] = {}
    for at, pair in enumerate(pairs):
        sort = pair.kind if pair.kind in ("control", *NOT_GUARDED) else "all guarded"
        together = stands_for.get(2 * at, 2 * at) == stands_for.get(2 * at + 1, 2 * at + 1)
        marks.setdefault(sort, []).append(together)
    return {sort: rate(sum(found), len(found)) for sort, found in marks.items()}


def show(clusters: Path, texts: list[str], path: Path) -> None:
    """Twenty semantic clusters to look at: the beginnings of two members each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        row for row in map(json.loads, clusters.read_text(encoding="utf-8").splitlines()) if row["method"] == "semantic"
    ]
    parts = []
    for row in random.Random(7).sample(rows, min(20, len(rows))):
        parts.append(f"=== {len(row['members'])} members")
        parts += [f"[{one['similarity']}] {texts[int(one['id'])][:700]}\n" for one in row["members"][:3]]
    path.write_text("\n".join(parts), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--documents", type=int, default=2_000)
    parser.add_argument("--each", type=int, default=20, help="twins of each kind")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--look", type=Path, default=Path("semantic-clusters"), help="folder for clusters to look at")
    given = parser.parse_args()
    texts = random.Random(given.seed).sample(real_texts(given.data), given.documents)
    with TemporaryDirectory(prefix="semantic-") as work:
        drops = measure_drops(texts, Path(work), given.look)
        pairs = [pair for pair in twins(given.data, given.each, seed=given.seed) if pair.kind != "sample"]
        false_merges = measure_false_merges(pairs, Path(work))
    results = {"documents": given.documents, "seed": given.seed, "drops": drops, "false_merges": false_merges}
    write_results("semantic_duplicates", machine("semhash", "numpy") | results)


if __name__ == "__main__":
    main()
