"""The marker of an index: `index.json`, written last, names the generation that is whole.

    index/index.json                what a search needs to know; absent until the first build has ended
    index/generation-000003/        tables, BM25 counts and vectors; never changed once the marker names it
    index/building/                 the next generation, from the one before; a killed build goes on with it
    index/deleting/                 the same while a document is taken out; of no use after a kill
    index/cache/                    what came out of each file; can be deleted at any time

So an index can be searched, by any number of processes, while files are added to it.
"""

import os
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from mecelle.base.accounts import Accounts
from mecelle.base.errors import ArtifactError
from mecelle.base.protocols import TextEncoder
from mecelle.retrieval.config import IndexConfig, Mode

MANIFEST = "index.json"
STAGE = "index"
VERSION = 2
TABLES = "passages.sqlite"
COUNTS = "bm25"
VECTORS = "vectors"


class ModelEntry(BaseModel):
    """The model that made the vectors."""

    name: str
    """As it was given: a hub id, a folder, `package:use`."""
    folder: str | None
    """Of a model in a folder, the way to it from the index, so that both can move together."""
    fingerprint: str
    dimension: int
    kept: int
    """Leading components that the index keeps of each vector."""

    def place(self, index: Path) -> str:
        """Where to load the model from."""
        folder = (index / self.folder).resolve() if self.folder else None
        return str(folder) if folder and folder.exists() else self.name


class Manifest(BaseModel):
    """A whole index."""

    model_config = ConfigDict(extra="forbid")

    stage: str = STAGE
    version: int = VERSION
    generation: int
    config: dict[str, Any]
    mode: Mode
    """How to search if the question does not say."""
    model: ModelEntry | None
    accounts: Accounts
    passages: int
    sections: str | None = None
    """Fingerprint of what told the sections of decisions."""
    identity: str | None = None
    """Keeps its vectors apart from those of other indexes of the same server; None without a server, and for an index
    of before."""

    def folder(self, index: Path) -> Path:
        """Where the generation lies."""
        return index / generation_name(self.generation)

    def parsed_config(self) -> IndexConfig:
        """The parameters of the build."""
        return IndexConfig.model_validate_json(orjson.dumps(self.config))


def generation_name(number: int) -> str:
    """Folder of a generation."""
    return f"generation-{number:06d}"


def model_entry(encoder: TextEncoder, index: Path, *, kept: int) -> ModelEntry:
    """What the manifest says of a model. kept: leading components that the index keeps."""
    path = Path(encoder.name)
    folder = os.path.relpath(path.resolve(), index.resolve()) if path.is_dir() else None
    return ModelEntry(
        name=encoder.name, folder=folder, fingerprint=encoder.fingerprint, dimension=encoder.dimension, kept=kept
    )


def read_manifest(index: Path) -> Manifest:
    """The marker of the index in a folder.

    Raises ArtifactError if there is none (no index, or its first build has not ended) or it is of another version.
    """
    path = index / MANIFEST
    if not path.exists():
        found = "its first build was not finished" if (index / "building").exists() else "no index is there"
        raise ArtifactError(f"{index}: {found}; run `mecelle index build` (again)")
    try:
        values = orjson.loads(path.read_bytes())
        version = values["version"]
        if version == VERSION:
            return Manifest.model_validate_json(path.read_bytes())
    except (orjson.JSONDecodeError, LookupError, TypeError, ValidationError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else repr(error)
        raise ArtifactError(f"{path}: not the marker of an index: {reason}; build again") from None
    raise ArtifactError(f"{index}: written by version {version}, this is {VERSION}; build again")


def write_manifest(index: Path, manifest: Manifest) -> None:
    """Make a generation the one that is searched, at once or not at all."""
    path = index / f"{MANIFEST}.partial"
    with path.open("w", encoding="utf-8") as file:
        file.write(manifest.model_dump_json(indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    path.replace(index / MANIFEST)
