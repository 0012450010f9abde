"""The documents that models have been trained on, fixed until the user asks for more (`mecelle run --retrain`)."""

from collections.abc import Iterable
from pathlib import Path

from mecelle.base.errors import ArtifactError

FILE = "ids.txt"


def read_snapshot(folder: Path | None) -> list[str]:
    """Ids in the order of the file; empty when there is no snapshot yet.

    Raises ArtifactError if the folder is there without its file.
    """
    if folder is None or not folder.exists():
        return []
    path = folder / FILE
    if not path.is_file():
        raise ArtifactError(f"{folder}: no {FILE} in it; remove the folder to take a new snapshot of the corpus")
    return path.read_text(encoding="utf-8").split()


def write_snapshot(folder: Path, ids: Iterable[str]) -> None:
    """Fix the training set: sorted ids, one a line, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / (FILE + ".partial")
    partial.write_text("".join(f"{one}\n" for one in sorted(ids)), encoding="utf-8")
    partial.rename(folder / FILE)
