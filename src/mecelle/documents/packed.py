"""Packed files read safely: archives are measured before they are opened, and a stream that ends early is an error."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lxml import etree

from mecelle.base.collection import zstd_chunks
from mecelle.documents.records import plain_name

_CHUNK = 1 << 20
_PACKED = 128  # bytes of zstd at a time: each may unpack to 32 KiB, all of it at once
MOST_RATIO = 200
"""Unpacked to packed; XML of real documents stays under 30, zip bombs begin at 1,000."""


class BadContentError(ValueError):
    """A file whose content cannot be used; carries the reason for the failed row."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def read_lines(path: Path, *, most_bytes: int) -> Iterator[bytes | None]:
    """Lines of a plain, `.gz` or `.zst` file without their ends; None for a line of more than `most_bytes`.

    Memory is bounded by `most_bytes`. Raises EOFError (or the packer's error) if a packed stream is cut or damaged.
    """
    parts: list[bytes] = []  # of the line that is not at its end yet
    size, skipping = 0, False
    for chunk in _chunks(path):
        first, *others = chunk.split(b"\n")
        parts.append(first)
        size += len(first)
        for following in others:
            yield None if skipping or size > most_bytes else b"".join(parts)
            parts, size, skipping = [following], len(following), False
        if size > most_bytes:
            parts, size, skipping = [], 0, True
    if size or skipping:
        yield None if skipping else b"".join(parts)


def _chunks(path: Path) -> Iterator[bytes]:
    name = plain_name(path.name)
    with path.open("rb") as raw:
        if name.endswith(".zst"):
            yield from zstd_chunks(raw, packed_bytes=_PACKED)
            return
        file = gzip.GzipFile(fileobj=raw, mode="rb") if name.endswith(".gz") else raw
        while chunk := file.read1(_CHUNK):  # not read: of a cut file it would lose all it had gathered for a chunk
            yield chunk


def is_bomb(unpacked: int, packed: int) -> bool:
    """Whether so many bytes from so few are no document; under a MiB nobody is harmed."""
    return unpacked > _CHUNK and unpacked > MOST_RATIO * max(1, packed)


@contextmanager
def safe_archive(path: Path, *, most_bytes: int) -> Iterator[zipfile.ZipFile]:
    """A zip file whose parts together stay under `most_bytes` and a sane ratio. Raises BadContentError otherwise."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
            packed = sum(part.compress_size for part in archive.infolist())
            if unpacked > most_bytes or is_bomb(unpacked, packed):
                raise BadContentError(
                    "zip_bomb",
                    f"{unpacked:,} bytes from {packed:,} packed ones; at most {most_bytes:,} and {MOST_RATIO} times "
                    "are unpacked",
                )
            if any(part.flag_bits & 1 for part in archive.infolist()):
                raise BadContentError("encrypted", "the archive has a password: remove it")
            yield archive
    except BadContentError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, OSError, ValueError) as error:
        raise BadContentError("corrupt", f"not a whole zip archive: {error}") from None


def safe_xml(data: bytes) -> "etree._Element":
    """The root of an XML text without a document type: entities are never resolved, nothing is fetched.

    Raises BadContentError: "forbidden_xml" for a document type (the carrier of entity bombs), "corrupt" for broken XML.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        reason = "forbidden_xml" if b"<!ENTITY" in data else "corrupt"
        raise BadContentError(reason, f"not readable as XML: {error}") from None
    if root.getroottree().docinfo.doctype:
        raise BadContentError("forbidden_xml", "it declares a document type, which documents of this format never do")
    return root
