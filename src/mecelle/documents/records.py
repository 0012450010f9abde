"""What a reader yields, and the registry of readers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from mecelle.base.registry import Registry
from mecelle.documents.config import ExtractConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One text as its file has it, before it becomes a Document."""

    text: str
    position: str = ""
    """Where in the file: the 1-based number of its line or row; empty for a file that is one text."""
    fields: dict[str, Any] = field(default_factory=dict)
    """What the file says of the text, under the names of mecelle.base.document.METADATA_FIELDS where they fit."""
    default_kind: str = "other"
    """Kind if nothing tells."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a part of a file gave no document."""

    reason: str
    """Stable, snake_case; ends up in tables."""
    error: str
    """A sentence for a person: what was found, what is allowed, what to do."""
    position: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """A fault and the file that it is in: one row of failed.jsonl."""

    path: str
    """Name of the file, relative to the folder that was given."""
    position: str
    reason: str
    error: str


@dataclass(frozen=True, slots=True)
class Reader:
    """One format: its suffixes, and a function that yields what is in a file and never raises for bad content."""

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[Path, ExtractConfig], Iterator[Record | Fault]]
    streams: bool
    """Whether memory does not grow with the file, so that max_file_mib does not bound it."""


ReadFunction = Callable[[Path, ExtractConfig], Iterator[Record | Fault]]

readers: Registry[Reader] = Registry("mecelle.documents.readers", kind="reader")


def reader(name: str, *, suffixes: tuple[str, ...], streams: bool = False) -> Callable[[ReadFunction], ReadFunction]:
    """Decorator that files a function as the reader of all files whose name ends in one of `suffixes`."""

    def file(read: ReadFunction) -> ReadFunction:
        readers.register(name)(Reader(name, suffixes, read, streams))
        return read

    return file


@cache
def reader_suffixes() -> dict[str, Reader]:
    """Suffix -> its reader, longest suffix first."""
    found: dict[str, Reader] = {}
    for name in readers.names():
        for suffix in readers.get(name).suffixes:
            assert suffix not in found, f"two readers for {suffix}: {found[suffix].name}, {name}"
            found[suffix] = readers.get(name)
    return dict(sorted(found.items(), key=lambda item: (-len(item[0]), item[0])))


def reader_for(name: str) -> Reader | None:
    """The reader of a file by its name, or None if no reader knows the suffix."""
    plain = plain_name(name)
    return next((reader for suffix, reader in reader_suffixes().items() if plain.endswith(suffix)), None)


def plain_name(name: str) -> str:
    """The name with small ASCII letters: suffixes are ASCII, and written in capitals on any system ("KARAR.PDF")."""
    return name.translate(_ASCII_LOWER)  # str.lower() is Turkish-unsafe


_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
