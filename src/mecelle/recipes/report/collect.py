"""What a report shows, read from the artifacts of a workspace; a stage that has not run is left out."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field

from mecelle.base.artifacts import RunRecord, read_record
from mecelle.base.collection import read_documents, read_jsonl

ARTIFACTS = (
    "documents", "corpus", "training", "tokenizer", "encoder", "decoder", "converted", "adapted", "nli_pairs",
    "sts_pairs", "pairs", "negatives", "guide", "nli", "sts", "retrieval", "single_stage", "embedding", "merged",
    "forgetting", "evaluation",
)  # fmt: skip
FAILED_SHOWN = 25
CLUSTERS_SHOWN = 8


class View(BaseModel):
    """All facts of one workspace."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    workspace: str
    records: dict[str, RunRecord]
    """Artifact -> how it was made, in the order of the chain."""
    failed: list[dict[str, Any]] = Field(default_factory=list)
    clusters: list[dict[str, Any]] = Field(default_factory=list)
    encoder_curve: list[dict[str, Any]] = Field(default_factory=list)
    embedding_curve: list[dict[str, Any]] = Field(default_factory=list)
    scores: dict[str, Any] = Field(default_factory=dict)
    comparisons: dict[str, Any] = Field(default_factory=dict)
    examples: list[dict[str, Any]] = Field(default_factory=list)
    chosen: dict[str, Any] = Field(default_factory=dict)
    index: dict[str, Any] = Field(default_factory=dict)
    plants: list[dict[str, Any]] = Field(default_factory=list)
    """What was planted in the sample and what of it was found."""


def collect(workspace: Path) -> View:
    """Read every artifact that is there."""
    place = workspace / "artifacts"
    records = {name: record for name in ARTIFACTS if (record := read_record(place / name))}
    return View(
        workspace=str(workspace.resolve()),
        records=records,
        failed=list(islice(_rows(place / "documents" / "failed.jsonl"), FAILED_SHOWN)),
        clusters=_clusters(place),
        encoder_curve=list(_rows(place / "encoder" / "curve.jsonl")),
        embedding_curve=list(_rows(place / "embedding" / "curve.jsonl")),
        scores=_json(place / "evaluation" / "scores.json"),
        comparisons=_json(place / "evaluation" / "comparisons.json"),
        examples=list(_json(place / "evaluation" / "examples.json") or []),
        chosen=_json(place / "evaluation" / "chosen.json"),
        index=_json(place / "index" / "index.json"),
    )


def _clusters(place: Path) -> list[dict[str, Any]]:
    """The largest clusters of duplicates, with where their members stand."""
    found = sorted(_rows(place / "corpus" / "clusters.jsonl"), key=lambda row: -len(row["members"]))[:CLUSTERS_SHOWN]
    wanted = {member["id"] for row in found for member in row["members"]}
    named = {
        document.id: document.metadata.get("source_id") or document.metadata.get("source")
        for document in (read_documents(place / "documents") if wanted else ())
        if document.id in wanted
    }
    return [
        {
            "method": row["method"],
            "members": [
                {"name": named.get(m["id"], m["id"]), "similarity": m.get("similarity", 1.0)} for m in row["members"]
            ],
        }
        for row in found
    ]


def _rows(path: Path) -> Iterator[Any]:
    return read_jsonl(path) if path.exists() else iter(())


def _json(path: Path) -> Any:
    return orjson.loads(path.read_bytes()) if path.exists() else {}
