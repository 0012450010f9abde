"""Which pairs each optimizer step saw, and which steps saw a document.

lineage/pairs.jsonl.zst  row -> {id, kind, query_id, document_id, negative_ids of pairs with hard negatives}
lineage/steps.npy        int32, shape (steps, pairs per step): rows of the table above, in order
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mecelle.base.artifacts import read_marker
from mecelle.base.collection import JsonlWriter, read_jsonl
from mecelle.base.errors import InputError
from mecelle.embedding.pairs.record import Pair

FOLDER = "lineage"
STAGES = ("embedding", "late")
"""Stages whose artifacts have it."""


def write_lineage(folder: Path, pairs: Sequence[Pair], steps: NDArray[np.int32]) -> None:
    """Write `lineage/` into the model folder. steps: rows of `pairs`, one line per optimizer step."""
    place = folder / FOLDER
    with JsonlWriter(place / "pairs.jsonl.zst") as writer:
        for pair in pairs:
            row = {"id": pair.id, "kind": pair.kind, "query_id": pair.query_id, "document_id": pair.document_id}
            writer.write(row | ({"negative_ids": pair.negative_ids} if pair.negative_ids else {}))
    np.save(place / "steps.npy", steps)


def pairs_of_step(embedding: Path, step: int) -> list[dict[str, Any]]:
    """The pairs that step `step` (from 1) of an embedding or late artifact saw, in order, as `lineage/` has them.

    Raises ArtifactError if `embedding` is no such artifact, InputError if there is no such step.
    """
    table, steps = _read(embedding)
    if not 1 <= step <= len(steps):
        raise InputError(f"{embedding}: no step {step}; this model was trained for {len(steps)} steps, counted from 1")
    return [table[row] for row in steps[step - 1]]


def steps_of_document(embedding: Path, document_id: str) -> list[int]:
    """The steps (from 1) that saw a text of the document `document_id`, be it as a hard negative, in order.

    What versions 2 and older of the stage made does not know where its hard negatives come from.
    """
    table, steps = _read(embedding)
    rows = [i for i, pair in enumerate(table) if document_id in _documents(pair)]
    found: list[int] = (np.flatnonzero(np.isin(steps, rows).any(axis=1)) + 1).tolist()
    return found


def _documents(pair: dict[str, Any]) -> tuple[str, ...]:
    return (pair["query_id"], pair["document_id"], *pair.get("negative_ids", ()))


def _read(embedding: Path) -> tuple[list[dict[str, Any]], NDArray[np.int32]]:
    read_marker(embedding, stage=STAGES)
    return list(read_jsonl(embedding / FOLDER / "pairs.jsonl.zst")), np.load(embedding / FOLDER / "steps.npy")
