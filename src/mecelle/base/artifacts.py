"""Artifacts: folders whose contents depend on inputs and parameters alone, each with a record of its making beside it.

    corpus/                the artifact: data files, and
    corpus/artifact.json   its marker, written last: stage, version, hash of every file. No time, no machine, no path.
    corpus.run.json        the record: parameters, inputs, seed, counts, seconds, memory, machine. Outside the hash.

A folder without its marker is half of something and is never read. A stage writes into `corpus.partial` and renames it
when all is well, so a killed stage leaves nothing that looks whole.
"""

import errno
import hashlib
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mecelle import __version__
from mecelle.base.accounts import Accounts
from mecelle.base.errors import ArtifactError, ResourceError
from mecelle.base.locks import lock
from mecelle.base.machine import Machine, free_disk_gib, peak_memory_gib, this_machine

RECORD_SUFFIX = ".run.json"
"""Of the run record that lies beside an artifact."""
MARKER = "artifact.json"


class FileEntry(BaseModel):
    """One file of an artifact."""

    bytes: int
    sha256: str


class Marker(BaseModel):
    """What makes a folder an artifact: its stage and the hash of every file in it."""

    model_config = ConfigDict(extra="forbid")

    stage: str
    version: int
    hash: str
    """Of all names and contents, 32 hexadecimal digits: equal hashes mean equal artifacts."""
    files: dict[str, FileEntry]


class Input(BaseModel):
    """What a stage read."""

    path: str
    hash: str | None = None
    """Of an artifact, its hash; of other files, of their bytes; None where the content cannot be hashed (a hub id)."""


class RunRecord(BaseModel):
    """How an artifact was made."""

    stage: str
    version: int
    mecelle: str = __version__
    parameters: dict[str, Any] = Field(default_factory=dict)
    inputs: dict[str, Input] = Field(default_factory=dict)
    seed: int | None = None
    accounts: Accounts | None = None
    figures: dict[str, Any] = Field(default_factory=dict)
    """What the stage measured and a report shows: plain JSON values."""
    started: str = ""
    seconds: float = 0.0
    peak_gib: float = 0.0
    machine: Machine = Field(default_factory=this_machine)


class Run:
    """An artifact in the making: write into `folder`, count in `accounts`, leave measurements in `figures`."""

    def __init__(self, folder: Path, record: RunRecord) -> None:
        self.folder = folder
        self.record = record
        self.accounts = Accounts()
        self.figures: dict[str, Any] = record.figures


@contextmanager
def create(
    out: Path,
    *,
    stage: str,
    version: int,
    parameters: BaseModel | Mapping[str, Any],
    inputs: Mapping[str, Path | str],
    seed: int | None,
) -> Iterator[Run]:
    """Make the artifact `out`, whole or not at all; an older one at `out` is replaced at the end.

    inputs: name -> path (or hub id) of what is read; paths are hashed. The accounts are checked before anything is
    called whole.
    Raises LockedError if another process makes the same artifact, ResourceError on a full disk, AccountsError if units
    were lost.
    """
    _check_place(out, inputs)
    partial = out.with_name(out.name + ".partial")
    values = parameters.model_dump(mode="json") if isinstance(parameters, BaseModel) else dict(parameters)
    record = RunRecord(stage=stage, version=version, parameters=values, seed=seed)
    clock = time.monotonic()
    record.started = datetime.now(UTC).isoformat(timespec="seconds")
    with lock(lock_path(out), doing=f"{stage} into {out.name}"), _told_when_disk_is_full(out):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        run = Run(partial, record)
        # Before the work: what the record names is what was read, not what it became meanwhile.
        record.inputs = {name: Input(path=str(path), hash=hash_input(path)) for name, path in inputs.items()}
        try:
            yield run
            run.accounts.check()
            record.accounts = run.accounts if run.accounts.seen else None
            mark(partial, stage=stage, version=version)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        record.seconds = round(time.monotonic() - clock, 2)
        record.peak_gib = round(peak_memory_gib(), 3)
        shutil.rmtree(out, ignore_errors=True)
        _replace(record_path(out), record.model_dump_json(indent=1) + "\n")
        partial.rename(out)


def _check_place(out: Path, inputs: Mapping[str, Path | str]) -> None:
    """Refuse a place where making `out` would delete something that no stage made."""
    if not out.name or out.is_file():
        raise ArtifactError(f"{out}: no place for an artifact; name a new folder, such as {out / 'result'}")
    if out.is_dir() and any(out.iterdir()) and not (out / MARKER).exists():
        raise ArtifactError(
            f"{out}: holds files that Mecelle did not make, and would be replaced; choose another folder"
        )
    place = out.resolve()
    for name, path in inputs.items():
        source = Path(path).resolve()
        if source == place or place in source.parents:
            raise ArtifactError(f"{out}: would replace what is read ({name}: {path}); choose another folder")


def _replace(path: Path, text: str) -> None:
    """Write a file as a new one: the old may be a hard link into DVC's cache, which must not change."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def lock_path(out: Path) -> Path:
    """Where the lock of the artifact `out` lies: beside it, since the folder itself comes and goes."""
    return out.parent / ".locks" / f"{out.name}.lock"


def record_path(out: Path) -> Path:
    """Where the run record of the artifact `out` lies."""
    return out.with_name(out.name + RECORD_SUFFIX)


def mark(folder: Path, *, stage: str, version: int) -> Marker:
    """Write the marker of a finished folder: hashes of all files in it."""
    files = {
        path.relative_to(folder).as_posix(): FileEntry(bytes=path.stat().st_size, sha256=_sha256(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MARKER
    }
    marker = Marker(stage=stage, version=version, hash=_hash_of(files), files=files)
    (folder / MARKER).write_text(marker.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return marker


def read_marker(folder: Path, *, stage: str | tuple[str, ...] | None = None) -> Marker:
    """The marker of an artifact.

    Raises ArtifactError if the folder is absent, half-written, or was made by another stage than `stage`.
    """
    if not folder.is_dir():
        raise ArtifactError(f"{folder}: no such folder; is the path right, and has the stage that makes it run?")
    path = folder / MARKER
    if not path.exists():
        raise ArtifactError(f"{folder}: no {MARKER} in it, so it is half-written or no artifact; run its stage again")
    try:
        marker = Marker.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise ArtifactError(f"{path}: not a marker: {error.errors()[0]['msg']}; run its stage again") from None
    wanted = (stage,) if isinstance(stage, str) else stage
    if wanted and marker.stage not in wanted:
        raise ArtifactError(
            f"{folder}: made by stage '{marker.stage}', but an artifact of '{' or '.join(wanted)}' is needed"
        )
    return marker


def is_artifact(folder: Path, *, stage: str) -> bool:
    """Whether `folder` is a whole artifact of `stage`."""
    try:
        return read_marker(folder).stage == stage
    except ArtifactError:
        return False


def verify(folder: Path) -> Marker:
    """Compare every file with the marker. Raises ArtifactError that names what is missing, changed or added."""
    marker = read_marker(folder)
    found = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file() and p.name != MARKER}
    faults = [f"{name} is missing" for name in marker.files if name not in found]
    faults += [f"{name} does not belong" for name in found if name not in marker.files]
    faults += [
        f"{name} has changed"
        for name, entry in marker.files.items()
        if name in found and _sha256(found[name]) != entry.sha256
    ]
    if faults:
        raise ArtifactError(f"{folder}: {'; '.join(sorted(faults)[:5])}; run the stage '{marker.stage}' again")
    return marker


def read_record(out: Path) -> RunRecord | None:
    """The run record of the artifact `out`, or None if it was not kept."""
    path = record_path(out)
    return RunRecord.model_validate_json(path.read_bytes()) if path.exists() else None


def hash_input(path: Path | str) -> str | None:
    """Hash of an artifact (from its marker), a file or a folder; None for what is no path, such as a hub id."""
    path = Path(path)
    if path.is_dir():
        if (path / MARKER).exists():
            return read_marker(path).hash
        inside = [p for p in sorted(path.rglob("*")) if p.is_file()]
        return _hash_of({p.relative_to(path).as_posix(): _entry(p) for p in inside})
    return _entry(path).sha256[:32] if path.is_file() else None


def _entry(path: Path) -> FileEntry:
    """A user's file; one that cannot be read is a counted failure of the stage, not of its record."""
    try:
        return FileEntry(bytes=path.stat().st_size, sha256=_sha256(path))
    except PermissionError:
        return FileEntry(bytes=path.stat().st_size, sha256="unreadable")


def _hash_of(files: Mapping[str, FileEntry]) -> str:
    lines = "".join(f"{name}\x1f{entry.sha256}\n" for name, entry in sorted(files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()[:32]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _told_when_disk_is_full(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise ResourceError(
            f"{out}: the disk is full ({free_disk_gib(out):.2f} GiB free); nothing half-written was kept. "
            "Free some space and run the same command again"
        ) from error
