"""What a report shows, read from the artifacts of a workspace; a stage that has not run is left out."""

import math
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from pydantic import BaseModel, ConfigDict, Field

from mecelle.base.artifacts import RECORD_SUFFIX, RunRecord, read_record
from mecelle.base.collection import read_documents, read_jsonl
from mecelle.evaluation import record
from mecelle.evaluation.statistics.bootstrap import interval

MEASURED = {"cloze": "Legal Cloze Test", "mlm": "Hidden words", "perplexity": "Perplexity and bits per byte"}
"""Folders of records by task and model (`evaluation.record`), and what they are called."""
FAILED_SHOWN = 25
CLUSTERS_SHOWN = 8


class Score(BaseModel):
    """Main score of one model on one task, with the interval over its units where it is their mean."""

    mean: float
    low: float | None = None
    high: float | None = None


class Measured(BaseModel):
    """What several models scored on tasks of one kind."""

    models: list[str]
    tasks: dict[str, str]
    """Task -> its main score, and what it is of: "top1, 250 items"."""
    scores: dict[str, dict[str, Score]]
    """Task -> model -> score."""


class View(BaseModel):
    """All facts of one workspace."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    workspace: str
    records: dict[str, RunRecord]
    """Artifact -> how it was made, in the order in which they were made."""
    failed: list[dict[str, Any]] = Field(default_factory=list)
    clusters: list[dict[str, Any]] = Field(default_factory=list)
    encoder_curve: list[dict[str, Any]] = Field(default_factory=list)
    embedding_curve: list[dict[str, Any]] = Field(default_factory=list)
    scores: dict[str, Any] = Field(default_factory=dict)
    comparisons: dict[str, Any] = Field(default_factory=dict)
    examples: list[dict[str, Any]] = Field(default_factory=list)
    chosen: dict[str, Any] = Field(default_factory=dict)
    index: dict[str, Any] = Field(default_factory=dict)
    choice: dict[str, Any] = Field(default_factory=dict)
    """Of a checkpoint: choice.json."""
    choice_plot: str = ""
    """Retrieval against loss, SVG."""
    measured: dict[str, Measured] = Field(default_factory=dict)
    """A key of `MEASURED` -> what its models scored."""
    forgetting: list[dict[str, Any]] = Field(default_factory=list)
    """A row for each set, measure and model: forgetting.json."""
    reward: list[dict[str, Any]] = Field(default_factory=list)
    """A row for each group of pairs: how often the true answer has more, by its own reward, by the score, by length."""
    plants: list[dict[str, Any]] = Field(default_factory=list)
    """What was planted in the sample and what of it was found."""


def collect(workspace: Path) -> View:
    """Read every artifact that is there."""
    place = workspace / "artifacts"
    choice = place / "choice"
    plot = choice / "retrieval-and-loss.svg"
    return View(
        workspace=str(workspace.resolve()),
        records=_records(place),
        failed=list(islice(_rows(place / "documents" / "failed.jsonl"), FAILED_SHOWN)),
        clusters=_clusters(place),
        encoder_curve=list(_rows(place / "encoder" / "curve.jsonl")),
        embedding_curve=list(_rows(place / "embedding" / "curve.jsonl")),
        scores=_json(place / "evaluation" / "scores.json"),
        comparisons=_json(place / "evaluation" / "comparisons.json"),
        examples=list(_json(place / "evaluation" / "examples.json") or []),
        chosen=_json(place / "evaluation" / "chosen.json"),
        index=_json(place / "index" / "index.json"),
        choice=_json(choice / "choice.json"),
        choice_plot=plot.read_text(encoding="utf-8") if plot.exists() else "",
        measured={name: _measured(place / name) for name in MEASURED if (place / name).is_dir()},
        forgetting=list(_json(place / "forgetting" / "forgetting.json")),
        reward=list(_reward(place / "reward_accuracy")),
    )


def _records(place: Path) -> dict[str, RunRecord]:
    names = sorted(path.name.removesuffix(RECORD_SUFFIX) for path in place.glob(f"*{RECORD_SUFFIX}"))
    found = {name: record for name in names if (record := read_record(place / name))}
    return dict(sorted(found.items(), key=lambda item: item[1].started))


def _measured(folder: Path) -> Measured:
    """Models by name, what training began with ahead: recipes call it "before"."""
    scores: dict[str, dict[str, Score]] = {}
    tasks: dict[str, str] = {}
    for one in record.read(folder):
        tasks[one.task] = f"{one.main_score}, {one.n:,} {one.unit}s" + (", lower is better" * one.lower_is_better)
        scores.setdefault(one.task, {})[one.model] = _score(one)
    models = sorted({model for row in scores.values() for model in row}, key=lambda name: (name != "before", name))
    return Measured(models=models, tasks=tasks, scores=scores)


def _reward(artifact: Path) -> Iterator[dict[str, Any]]:
    """All pairs, then those of each objective, then of each damage."""
    made = read_record(artifact)
    groups: dict[str, dict[str, Any]] = {}
    for row in made.figures["accuracy"] if made else ():
        groups.setdefault(row["group"], {})[row["by"]] = row
    order = ("all", "objective", "two", "damage")
    for name in sorted(groups, key=lambda group: order.index(group.split()[0])):
        shown = name.removeprefix("objective ").removeprefix("damage ").replace(".v1", "").replace("_", " ")
        yield {"group": shown, "n": groups[name]["score"]["n"], **groups[name]}


def _score(one: record.TaskRecord) -> Score:
    """An interval is given only where the score is the plain mean of its units."""
    values = np.array(one.values)
    if not len(values) or one.clusters or not math.isclose(float(values.mean()), one.score, abs_tol=1e-9):
        return Score(mean=one.score)
    spread = interval(values, seed=one.seed)
    return Score(mean=spread.mean, low=spread.low, high=spread.high)


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
