"""One file to its documents and failures."""

import re
from collections.abc import Iterator

from mecelle.base.document import Document
from mecelle.documents.archives import SUFFIX, leaves
from mecelle.documents.config import ExtractConfig
from mecelle.documents.files import File
from mecelle.documents.making import make
from mecelle.documents.records import Failure, Fault, Reader, Record, reader_for, reader_suffixes
from mecelle.text.unicode import clean

MIB = 1024 * 1024

_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


def read_file(file: File, config: ExtractConfig) -> Iterator[Document | Failure]:
    """Everything in a file, in order; of a zip archive, everything in the files in it.

    Never raises for what is in the file: what cannot be read is a Failure.
    """
    for leaf in leaves(file, config):
        if isinstance(leaf, Failure):
            yield leaf
        else:
            yield from _read_leaf(leaf, config)


def _read_leaf(file: File, config: ExtractConfig) -> Iterator[Document | Failure]:
    for found in _found_in(file, config):
        made = make(found, file.name, config) if isinstance(found, Record) else found
        if isinstance(made, Fault):
            yield Failure(file.name, made.position, made.reason, _same_everywhere(made.error, file))
        else:
            yield made


def _found_in(file: File, config: ExtractConfig) -> Iterator[Record | Fault]:
    reader = reader_for(file.name)
    if reader is None:
        yield Fault(
            "unsupported_format", f"no reader for it; formats: {', '.join(sorted([*reader_suffixes(), SUFFIX]))}"
        )
        return
    nothing = True
    try:
        for found in _unfit(file, reader, config) or reader.read(file.path, config):
            nothing = False
            yield found
        if nothing:  # blank lines, a header without rows
            yield Fault("empty", "no row in it")
    except Exception as error:  # a fault of one file, or of the library that reads it, must not end the run
        yield Fault("unreadable", f"{type(error).__name__}: {error}")


def _same_everywhere(error: str, file: File) -> str:
    """A message without what changes from run to run: where the file is mounted, addresses in memory."""
    return _ADDRESS.sub("0x..", clean(error.replace(str(file.path), file.name)))


def _unfit(file: File, reader: Reader, config: ExtractConfig) -> list[Record | Fault]:
    size = file.path.stat().st_size
    if size == 0:
        return [Fault("empty", "the file has no bytes")]
    if not reader.streams and size > config.max_file_mib * MIB:
        return [Fault("too_large", f"{size / MIB:,.0f} MiB; max_file_mib is {config.max_file_mib}: raise it or split")]
    return []
