"""Which decisions a sectioner learnt from, and in which epochs.

lineage/decisions.jsonl  {id, part}: those of `train` were learnt from, those of `development` chose the epoch
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from mecelle.base.artifacts import read_marker
from mecelle.base.collection import JsonlWriter, read_jsonl
from mecelle.base.config import load
from mecelle.base.errors import InputError
from mecelle.segmentation.config import PARAMETERS, STAGE, SegmentConfig
from mecelle.segmentation.record import Segmented

TABLE = Path("lineage", "decisions.jsonl")


def write_lineage(folder: Path, parts: Mapping[str, Sequence[Segmented]]) -> None:
    """Write `lineage/` into the folder of a sectioner."""
    with JsonlWriter(folder / TABLE) as file:
        for part in ("train", "development"):
            for decision in parts[part]:
                file.write({"id": decision.id, "part": part})


def decisions_of_epoch(sectioner: Path, epoch: int) -> list[dict[str, Any]]:
    """The decisions {document_id} that epoch `epoch` (from 1) showed: all that are learnt from, in every epoch.

    Raises ArtifactError if `sectioner` is no such artifact, InputError if it has no such epoch.
    """
    count = _epochs(sectioner)
    if not 1 <= epoch <= count:
        raise InputError(f"{sectioner}: no epoch {epoch}; it was trained for {count}, counted from 1")
    return [{"document_id": one} for one in _learnt(sectioner)]


def epochs_of_decision(sectioner: Path, names: Collection[str]) -> list[int]:
    """The epochs (from 1) that showed the decision with one of these ids; none if it was not learnt from."""
    count = _epochs(sectioner)
    return list(range(1, count + 1)) if set(names).intersection(_learnt(sectioner)) else []


def _learnt(sectioner: Path) -> list[str]:
    return [row["id"] for row in read_jsonl(sectioner / TABLE) if row["part"] == "train"]


def _epochs(sectioner: Path) -> int:
    read_marker(sectioner, stage=STAGE)
    settings = load(SegmentConfig, sectioner / PARAMETERS)
    return settings.windows.epochs if settings.model == "windows" else settings.sentences.epochs
