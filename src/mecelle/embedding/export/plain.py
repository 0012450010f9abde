"""Stage "export": a model as a plain folder, which loads in sentence-transformers without Mecelle."""

import shutil
from pathlib import Path

from mecelle.base import artifacts
from mecelle.base.artifacts import MARKER
from mecelle.embedding.export.onnx import STAGE, VERSION
from mecelle.embedding.quantise import drop_storage
from mecelle.models.folders import find_folder


def export_plain(model: Path | str, out: Path) -> None:
    """Make the artifact `out` of stage "export": a copy, in which 8-bit weights have become float32.

    Raises ArtifactError if there is no model, InputError for a hub id that cannot be had.
    """
    folder = find_folder(model)
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters={}, inputs={"model": model}, seed=None) as run:
        shutil.copytree(folder, run.folder, ignore=shutil.ignore_patterns(MARKER), dirs_exist_ok=True)
        drop_storage(run.folder / "README.md")
