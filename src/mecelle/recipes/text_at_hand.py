"""The text that a workspace reads: how much of it is here, and what is to be fetched before anything runs."""

from pathlib import Path
from typing import Any

from mecelle.base.errors import InputError
from mecelle.documents.files import list_files
from mecelle.documents.readers.hub import SUFFIX
from mecelle.recipes.generations import FOLDER

CHARACTERS_PER_BYTE = {".gz": 4.5, ".zst": 4.5, ".zip": 3.0, ".parquet": 3.0, ".pdf": 0.05, ".docx": 0.3, ".udf": 1.5}
"""Characters of text in one byte of a file, by the last suffix; anything else is plain text with some markup. Measured
on shared/data/legal (4.3 for gzip) and on the bundled sample."""
PLAIN = 0.9
TOLD = FOLDER / "README.md"
"""In a workspace whose recipe names collections that are on no hub: what they are."""


def check_here(folder: Path, graph: Any) -> None:
    """Raise InputError, naming all of it, if files that the stages of `graph` read from outside are not here."""
    absent: dict[str, str] = {}
    for name, stage in graph["stages"].items():
        for path in map(str, stage.get("deps", [])):
            if not path.startswith("artifacts/") and not _is_here(folder / path):
                absent.setdefault(path, name)
    if not absent:
        return
    listed = ", ".join(f"{path} (stage '{stage}')" for path, stage in absent.items())
    told = f"{folder / TOLD} tells what belongs there" if (folder / TOLD).exists() else "put it there"
    raise InputError(f"not here, or empty: {listed}; {told}, or take it out of `cmd` and `deps` in dvc.yaml")


def characters_here(folder: Path, graph: Any, stage: str) -> float | None:
    """About how many characters the extraction `stage` reads, 0 if there is none; None if not all of it is here: files
    are absent, or a hub has them."""
    paths = [folder / path for path in graph["stages"].get(stage, {}).get("deps", [])]
    if not all(map(_is_here, paths)):
        return None
    files = [file.path for file in list_files(paths)]
    return None if any(path.name.endswith(SUFFIX) for path in files) else sum(map(_characters, files))


def _is_here(path: Path) -> bool:
    return path.exists() and not (path.is_dir() and not any(path.iterdir()))


def _characters(path: Path) -> float:
    return path.stat().st_size * CHARACTERS_PER_BYTE.get(path.suffix, PLAIN)
