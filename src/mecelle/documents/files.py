"""The files of a collection: listed in one fixed order, named without where they are mounted."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mecelle.base.errors import InputError
from mecelle.text.unicode import nfc

_NOT_DOCUMENTS = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True, order=True)
class File:
    """A file to read."""

    name: str
    """Relative to the folder that was given, with `/` between parts: the same wherever the folder is mounted."""
    path: Path


def list_files(paths: Path | Sequence[Path]) -> list[File]:
    """All files under `paths` (files or folders), sorted by name, each once.

    Passed over: names that begin with `.` or `~$`, and what systems leave behind (`Thumbs.db`, `__MACOSX`). Names that
    two given folders share get as much of the folder's path in front as tells them apart.
    Raises InputError if a path does not exist or holds no file.
    """
    found: dict[Path, tuple[Path, Path]] = {}
    for root in [paths] if isinstance(paths, Path) else paths:
        if not root.exists():
            raise InputError(f"{root}: no such file or folder; is the path right?")
        inside = list(_files_in(root)) if root.is_dir() else [root]
        if not inside:
            raise InputError(f"{root}: no file in this folder; put documents in it, or give another folder")
        for path in inside:
            found.setdefault(path.resolve(), (root if root.is_dir() else root.parent, path))
    return _named(list(found.values()))


def check_apart(out: Path, sources: Sequence[Path | str]) -> None:
    """Raise InputError if `out` lies in a folder of `sources`: the next run would read its results as documents."""
    for source in map(Path, sources):
        if source.is_dir() and source.resolve() in (out.resolve(), *out.resolve().parents):
            raise InputError(f"{out}: lies inside the data ({source}); choose a folder outside")


def content_hash(path: Path) -> str:
    """32 hexadecimal digits of the bytes of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def _files_in(folder: Path) -> Iterator[Path]:
    seen: set[Path] = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        here = Path(place)
        if here.resolve() in seen:  # a link that leads back up
            folders.clear()
            continue
        seen.add(here.resolve())
        folders[:] = sorted(name for name in folders if is_wanted(name))
        yield from (here / name for name in sorted(names) if is_wanted(name) and (here / name).is_file())


def is_wanted(name: str) -> bool:
    """Whether a file or folder of this name is read; what systems and editors leave behind is not."""
    return not name.startswith((".", "~$")) and name not in _NOT_DOCUMENTS


def _named(found: list[tuple[Path, Path]]) -> list[File]:
    """Names from (root, path) pairs: relative to the root, longer only where two would be the same."""
    groups: dict[str, list[tuple[Path, Path]]] = defaultdict(list)
    for root, path in found:
        groups[_printable(path.relative_to(root).as_posix())].append((root, path))
    files: list[File] = []
    for name, members in groups.items():
        names, depth = [name] * len(members), 1
        while len(set(names)) < len(members) and depth <= max(len(root.resolve().parts) for root, _ in members):
            fronts = ["/".join(root.resolve().parts[-depth:]).removeprefix("//") for root, _ in members]
            names, depth = [_printable(f"{front}/{name}") for front in fronts], depth + 1
        files += [File(name, path) for name, (_, path) in zip(names, members, strict=True)]
    return sorted(files)


def _printable(name: str) -> str:
    """NFC (macOS writes names decomposed), and U+FFFD for bytes of a name that are no UTF-8."""
    return nfc(os.fsencode(name).decode("utf-8", "replace"))
