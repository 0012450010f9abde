"""What an index is made of: files of the user, or the shards of an artifact, as units that are read again on change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mecelle.base import artifacts
from mecelle.base.collection import read_documents
from mecelle.base.document import Document
from mecelle.base.errors import InputError
from mecelle.documents.config import ExtractConfig
from mecelle.documents.extract import File, fingerprint, list_files, read_cached
from mecelle.documents.records import Failure
from mecelle.retrieval.catalogue import UnitState

ARTIFACT_STAGES = ("extract", "corpus", "select")
"""Stages whose artifacts hold documents."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A file, or a shard of an artifact."""

    name: str
    path: Path
    digest: str | None
    """Hash of a shard, from its artifact's marker; None for a file, which has none yet."""

    def state(self, config: ExtractConfig, known: UnitState | None) -> UnitState:
        """The unit as it is now. A file with the size and date of `known` is taken to be the same.

        A file that cannot be read, or has gone since it was listed, has no fingerprint, so that each build tries again.
        """
        if self.digest is not None:
            status = self.path.stat()
            return UnitState(self.name, self.digest, status.st_size, status.st_mtime_ns)
        try:
            status = self.path.stat()
            if known and (known.size, known.modified) == (status.st_size, status.st_mtime_ns):
                return known
            now = fingerprint(File(self.name, self.path), config)
        except OSError:  # `read_cached` makes a failure of it
            return UnitState(self.name, "", -1, -1)
        return UnitState(self.name, now, status.st_size, status.st_mtime_ns)


def find_units(sources: Path | Sequence[Path]) -> list[Unit]:
    """All units of the sources, sorted by name.

    Raises InputError if a source is missing or empty, or two artifacts have the same name; ArtifactError for an
    artifact that holds no documents.
    """
    paths = [sources] if isinstance(sources, Path) else list(sources)
    made = [path for path in paths if (path / artifacts.MARKER).is_file()]
    given = [path for path in paths if path not in made]
    units = [unit for path in made for unit in _shards(path)]
    if given or not made:
        units += [Unit(file.name, file.path, None) for file in list_files(given)]
    units.sort(key=lambda unit: unit.name)
    names = [unit.name for unit in units]
    if twice := sorted({name for name in names if names.count(name) > 1})[:1] if len(set(names)) < len(names) else []:
        raise InputError(f"two sources hold {twice[0]!r}; rename one of the folders, or index them apart")
    return units


def read_units(
    units: Sequence[Unit], config: ExtractConfig, *, cache: Path
) -> Iterator[tuple[Unit, Iterator[Document | Failure]]]:
    """What is in each unit; files are read by `config.workers` processes and kept in `cache`."""
    yield from ((unit, read_documents(unit.path)) for unit in units if unit.digest is not None)
    files = {unit.name: unit for unit in units if unit.digest is None}
    if files:
        for result in read_cached([File(unit.name, unit.path) for unit in files.values()], config, cache=cache):
            yield files[result.file.name], iter(result)


def prune_cache(cache: Path, states: Mapping[str, UnitState]) -> None:
    """Delete what the cache keeps of files that have changed or gone."""
    current = {f"{state.fingerprint}.jsonl.zst" for state in states.values()}
    for path in cache.glob("*"):
        if path.name not in current:
            path.unlink(missing_ok=True)


def _shards(folder: Path) -> list[Unit]:
    marker = artifacts.read_marker(folder, stage=ARTIFACT_STAGES)
    shards = [name for name in marker.files if name.startswith("documents/")]
    return [Unit(f"{folder.name}/{name}", folder / name, marker.files[name].sha256) for name in shards]
