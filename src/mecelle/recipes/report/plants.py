"""What was planted in the bundled sample, and how much of it was found."""

from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from mecelle.base.collection import read_documents, read_jsonl
from mecelle.base.document import Document
from mecelle.base.errors import InputError
from mecelle.corpus.statistics.truth import score_duplicates, score_identifiers

TRUTH_FILES = ("duplicates.json", "identifiers.jsonl", "failed.json", "ocr.jsonl", "formats.json")
MISSES_SHOWN = 5


def found_plants(artifacts: Path, truth: Path) -> list[dict[str, Any]]:
    """One row per kind of plant: planted, found, precision, recall, and the first misses by name.

    Raises InputError if `truth` is not the truth of a sample.
    """
    absent = [name for name in TRUTH_FILES if not (truth / name).exists()]
    if absent:
        raise InputError(f"{truth}: {', '.join(absent)} missing; give the folder truth/ that `mecelle sample` wrote")
    names = {document.id: _name(document) for document in read_documents(artifacts / "documents")}
    return [*_duplicates(artifacts, truth, names), *_identifiers(artifacts, truth, names), *_failed(artifacts, truth)]


def _name(document: Document) -> str:
    """The sample's own id: of a row its `id`, of a single file its name without the ending."""
    source = str(document.metadata.get("source", "")).partition("#")[0]
    if PurePosixPath(source).suffix == ".jsonl":
        return str(document.metadata.get("source_id", document.id))
    return PurePosixPath(source).stem


def _duplicates(artifacts: Path, truth: Path, names: dict[str, str]) -> list[dict[str, Any]]:
    planted = orjson.loads((truth / "duplicates.json").read_bytes())
    # A damaged copy of a decision is a near-duplicate of it, too, if the damage is light: neither asked for nor wrong.
    tolerated = [(row["id"], row["id"].removesuffix("-ocr")) for row in read_jsonl(truth / "ocr.jsonl")]
    clusters = [
        {"members": [{"source_id": names[member["id"]]} for member in row["members"]]}
        for row in read_jsonl(artifacts / "corpus" / "clusters.jsonl")
    ]
    score = score_duplicates(clusters, planted, tolerated=tolerated)
    rows = [
        {
            "plant": "pairs of duplicates",
            **score.all.figures(),
            "misses": _shown(score.missed),
            "wrong": _shown(score.wrong),
        },
        {"plant": "… exact", **score.exact.figures(), "precision": None, "misses": "", "wrong": ""},
        {
            "plant": "… near (Jaccard at least .90)",
            **score.near.figures(),
            "precision": None,
            "misses": "",
            "wrong": "",
        },
    ]
    distinct = len(planted["distinct_pairs"])
    merged = _shown(score.merged_distinct)
    rows.append(
        {
            "plant": "twins that differ in a number or ruling, kept apart",
            "planted": distinct,
            "found": distinct - len(score.merged_distinct),
            "precision": None,
            "recall": 1 - len(score.merged_distinct) / distinct if distinct else 1.0,
            "misses": merged,
            "wrong": "",
        }
    )
    return rows


def _identifiers(artifacts: Path, truth: Path, names: dict[str, str]) -> list[dict[str, Any]]:
    searched = {names[document.id] for document in read_documents(artifacts / "corpus") if document.id in names}
    found = [
        {"source_id": names[row["id"]], "kind": row["kind"]}
        for row in read_jsonl(artifacts / "corpus" / "identifiers.jsonl")
        if row["kind"] != "url"  # none is planted; the addresses of courts in the texts are right
    ]
    planted = [
        {"source_id": row["id"], "kind": identifier["kind"]}
        for row in read_jsonl(truth / "identifiers.jsonl")
        for identifier in row["identifiers"]
        if identifier["valid"]
    ]
    scores = score_identifiers(found, planted, among=searched)
    return [
        {"plant": f"identifiers: {kind}", **figures, "misses": "", "wrong": ""}
        for kind, figures in sorted(scores.items(), key=lambda item: (item[0] != "all", item[0]))
    ]


def _failed(artifacts: Path, truth: Path) -> list[dict[str, Any]]:
    planted = orjson.loads((truth / "failed.json").read_bytes())["failed"]
    counts: dict[str, int] = {}
    for row in read_jsonl(artifacts / "documents" / "failed.jsonl"):
        counts[row["path"]] = counts.get(row["path"], 0) + 1
    wanted: dict[str, int] = {}
    for row in planted:
        wanted[row["path"]] = wanted.get(row["path"], 0) + row["count"]
    found = {path: min(count, counts.get(path, 0)) for path, count in wanted.items()}
    others = {path: count - found.get(path, 0) for path, count in counts.items() if count > found.get(path, 0)}
    total, right = sum(wanted.values()), sum(found.values())
    return [
        {
            "plant": "bad files and rows, counted as failed",
            "planted": total,
            "found": sum(counts.values()),
            "right": right,
            "precision": right / sum(counts.values()) if counts else 1.0,
            "recall": right / total if total else 1.0,
            "misses": _shown([path for path in wanted if found[path] < wanted[path]]),
            "wrong": _shown([f"{path}: scanned, needs OCR" if "scanned" in path else path for path in others]),
        }
    ]


def _shown(items: Any) -> str:
    listed = [" = ".join(item) if isinstance(item, tuple) else str(item) for item in items]
    return ", ".join(listed[:MISSES_SHOWN]) + (f", … ({len(listed)} in all)" if len(listed) > MISSES_SHOWN else "")
