"""The gate before training: was this text checked against what will be scored?"""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mecelle.base.collection import read_jsonl
from mecelle.base.errors import MismatchError
from mecelle.corpus.decontamination.report import FILE, Decontaminated

TOUCHED = "touched.jsonl"


def read_decontaminated(training: Path) -> Decontaminated | None:
    """What the artifact of stage "select" was checked against; None for any other collection."""
    path = training / FILE
    return Decontaminated.model_validate_json(path.read_bytes()) if path.is_file() else None


def check(training: Path, evaluation: Iterable[Path]) -> dict[str, Any]:
    """Let a training stage begin, and say for its run record what its text was checked against.

    evaluation: files that the trained model will be scored on. Raises MismatchError if one of them was not looked for
    in `training`, or has changed since. Without any, every collection passes, and the record says what it is.
    """
    found = read_decontaminated(training)
    for path in evaluation:
        if found is None or found.set_of(path) is None:
            raise MismatchError(
                f"{training}: was not checked against {path}, which the model is to be scored on: run `mecelle corpus "
                f"select` with --evaluation {path} first, and train on its artifact"
            )
    return {"checked": [] if found is None else [{"set": one.name, "hash": one.hash} for one in found.sets]}


def pass_on(source: Path, target: Path) -> None:
    """What `source` was checked against holds for what is drawn from it, such as a mixture, too."""
    for name in (FILE, TOUCHED):
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)


def touched_items(training: Path, evaluation: Path) -> frozenset[str] | None:
    """Ids of the items of a file that training text held before it was cleaned of them; None if it was not checked."""
    found = read_decontaminated(training)
    one = found.set_of(evaluation) if found else None
    if one is None:
        return None
    return frozenset(str(row["item"]) for row in read_jsonl(training / TOUCHED) if row["set"] == one.name)
