"""One file that holds an index and the logs of the service, and the way back from it."""

import hashlib
import io
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import orjson
import zstandard

from mecelle.base.artifacts import lock_path
from mecelle.base.errors import ArtifactError, InputError
from mecelle.base.locks import lock
from mecelle.corpus.takedown_log import LOG
from mecelle.retrieval.building import Plan, collection_of
from mecelle.retrieval.deleting import Deletion
from mecelle.retrieval.manifest import MANIFEST, generation_name, read_manifest
from mecelle.serving import audit
from mecelle.serving.takedowns import obey

_LIST = "backup.json"
"""Last member: the hash of every other one. A backup that was cut off lacks it."""
_INDEX, _STATE = "index", "service"
_LOGS = (audit.FILE, LOG)
"""In the order in which they are read: the other way, a takedown meanwhile would look as if its row had been taken out.
"""


def backup(index: Path, state: Path, out: Path) -> int:
    """Write the index that is in place and the logs to `out` (tar, zstd); returns how many files.

    The service may go on: a generation in place never changes, takedowns wait meanwhile, and a build is refused. Tokens
    are not in it: make new ones. Models that the index refers to by folder are not, either.
    Raises InputError if `out` exists or the vectors lie on a server, ArtifactError without a whole index, LockedError
    if it is being built.
    """
    if out.exists():
        raise InputError(f"{out}: exists; give the backup a name of its own")
    _check_vectors(index, state)
    partial = out.with_name(out.name + ".partial")
    hashes: dict[str, str] = {}
    with lock(lock_path(index), doing="backup"), zstandard.open(partial, "wb") as stream:
        generation = generation_name(read_manifest(index).generation)
        found = [index / MANIFEST, *sorted(path for path in (index / generation).rglob("*") if path.is_file())]
        logs = [state / name for name in _LOGS if (state / name).exists()]
        with tarfile.open(fileobj=stream, mode="w|") as archive:
            for root, prefix, paths in ((index, _INDEX, found), (state, _STATE, logs)):
                for path in paths:
                    name = f"{prefix}/{path.relative_to(root).as_posix()}"
                    data = path.read_bytes() if prefix == _STATE else None  # a log may grow while it is read
                    hashes[name] = _add(archive, name, path, data)
            _add(archive, _LIST, None, orjson.dumps(hashes, option=orjson.OPT_INDENT_2))
    partial.rename(out)
    return len(hashes)


def _check_vectors(index: Path, state: Path) -> None:
    manifest = read_manifest(index)
    if manifest.model and (server := manifest.parsed_config().vectors.server):
        raise InputError(
            f"{index}: its vectors lie in the collection '{collection_of(Plan.of(manifest))}' of {server}, which a "
            f"backup would not hold: make a snapshot of it there, and copy {index} and {state} at the same time, while "
            "nothing builds or is taken down"
        )


def restore(archive: Path, index: Path, state: Path, *, by: str) -> Deletion:
    """Put the index of a backup in place, then delete again what has been taken down since.

    Logs that are there stay, since they are younger than the backup; missing ones are taken from it.
    Raises InputError if `index` exists, ArtifactError if the backup is cut off or damaged; then nothing is changed.
    """
    if index.exists():
        raise InputError(f"{index}: exists; move it away first, so that nothing is lost")
    partial = index.with_name(index.name + ".restoring")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        _unpack(archive, partial)
        (partial / _STATE).mkdir(exist_ok=True)
        state.mkdir(parents=True, exist_ok=True)
        for name in _LOGS:
            if (partial / _STATE / name).exists() and not (state / name).exists():
                shutil.copy2(partial / _STATE / name, state / name)
        gone = obey(partial / _INDEX, state, by=by, copies=True)  # before anybody can search it
        (partial / _INDEX).rename(index)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    audit.append(state, "restored", by=by, generation=read_manifest(index).generation)
    return gone


def _add(archive: tarfile.TarFile, name: str, path: Path | None, data: bytes | None) -> str:
    """Add a member and return its hash. Owner, mode and date are left out: same index, same backup."""
    member = tarfile.TarInfo(name)
    if data is None:
        assert path is not None
        member.size = path.stat().st_size
        with path.open("rb") as file:
            archive.addfile(member, file)
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))
    return hashlib.sha256(data).hexdigest()


def _unpack(archive: Path, folder: Path) -> None:
    hashes: dict[str, str] = {}
    said: dict[str, str] | None = None
    try:
        with zstandard.open(archive, "rb") as stream, tarfile.open(fileobj=stream, mode="r|") as members:
            for name, data in _files(members):
                if name == _LIST:
                    said = orjson.loads(data.read())
                    continue
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as file:
                    shutil.copyfileobj(data, file)
                with path.open("rb") as file:
                    hashes[name] = hashlib.file_digest(file, "sha256").hexdigest()
    except (tarfile.TarError, zstandard.ZstdError, EOFError, orjson.JSONDecodeError) as error:
        raise ArtifactError(f"{archive}: cut off or no backup ({error}); take another one") from error
    if said != hashes:
        raise ArtifactError(f"{archive}: cut off or damaged: the files are not those that were written; take another")


def _files(members: tarfile.TarFile) -> Iterator[tuple[str, io.BufferedIOBase]]:
    """Plain files with names that stay inside the folder; whatever else is in an archive is refused."""
    for member in members:
        parts = PurePosixPath(member.name).parts
        data = members.extractfile(member) if member.isreg() else None
        if data is None or ".." in parts or member.name.startswith("/"):
            raise ArtifactError(f"'{member.name}' cannot be in a backup of ours; who made this file?")
        yield member.name, data  # type: ignore[misc]
