"""The gate before training: was this text checked against what will be scored?"""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mecelle.base.collection import read_jsonl
from mecelle.base.errors import MismatchError
from mecelle.corpus.decontamination.items import EvaluationSet, as_set
from mecelle.corpus.decontamination.report import FILE, Decontaminated

TOUCHED = "touched.jsonl"


def read_decontaminated(training: Path) -> Decontaminated | None:
    """What the artifact of stage "select" was checked against; None for any other collection."""
    path = training / FILE
    return Decontaminated.model_validate_json(path.read_bytes()) if path.is_file() else None


def check(training: Path, evaluation: Iterable[Path | EvaluationSet]) -> dict[str, Any]:
    """Let a training stage begin, and say for its run record what its text was checked against.

    evaluation: files that the trained model will be scored on, or parts of files. Raises MismatchError if one of them
    was not looked for in `training`, not in full, or has changed since. Without any, every collection passes, and the
    record says what it is.
    """
    found = read_decontaminated(training) or Decontaminated()
    for one in map(as_set, evaluation):
        if found.set_of(one) is None:
            raise MismatchError(
                f"{training}: was not checked against {one.path}{_in_part(found, one)}, which the model is to be "
                f"scored on: run `mecelle corpus select` with --evaluation {one.path} first, and train on its artifact"
            )
    return {"checked": [{"set": one.name, "hash": one.hash, "where": one.where} for one in found.sets]}


def _in_part(found: Decontaminated, wanted: EvaluationSet) -> str:
    """What was looked for of a file that was not looked for in full."""
    parts = found.of_file(wanted)
    if any(one.where is None or one.fields is None for one in parts):
        return " as far as is known (its report is of an older Mecelle, and names no rows and fields)"
    told = "; ".join(f"rows {one.where or 'all'}, fields {', '.join(one.fields or ())}" for one in parts)
    return f" in full (but for {told})" if told else ""


def pass_on(source: Path, target: Path) -> None:
    """What `source` was checked against holds for what is drawn from it, such as a mixture, too."""
    for name in (FILE, TOUCHED):
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)


def touched_items(training: Path, evaluation: Path) -> frozenset[str] | None:
    """Ids of the items of a file that training text held before it was cleaned of them.

    None if it was not checked against the whole file, or by an older Mecelle, whose report does not say so.
    """
    found = read_decontaminated(training)
    one = found.set_of(as_set(evaluation)) if found else None
    if one is None:
        return None
    return frozenset(str(row["item"]) for row in read_jsonl(training / TOUCHED) if row["set"] == one.name)
