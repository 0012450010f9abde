"""Collections of documents on disk: JSON Lines shards (zstd), read and written in one fixed order."""

import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import orjson
import zstandard

from mecelle.base.document import Document
from mecelle.base.errors import InputError

PACKED_BYTES = 4_096
"""Of zstd at a time: the library gives all that they unpack to at once, at worst a thousand times as much and more."""
_DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError)

SHARD_CHARACTERS = 8_000_000
"""Text in one shard, the unit that workers share: 66 M characters of law give eight or nine tasks."""


def read_documents(path: Path) -> Iterator[Document]:
    """Documents of an artifact (its `documents/` folder), a folder of `*.jsonl.zst`, or one such file, in file order.

    Raises InputError with file and line if a line is no document: files of Mecelle's own making are never half right.
    """
    for shard in shards(path):
        for number, row in enumerate(read_jsonl(shard), start=1):
            try:
                document = Document(text=row["text"], id=row["id"], metadata=row.get("metadata") or {})
            except (KeyError, TypeError) as error:
                raise InputError(f"{shard}:{number}: not a document ({error!r}); expected id, text, metadata") from None
            if not isinstance(document.text, str) or not isinstance(document.metadata, dict):
                raise InputError(
                    f"{shard}:{number}: not a document; expected a text in `text`, an object in `metadata`"
                )
            yield document


def shards(path: Path) -> list[Path]:
    """The shard files of a collection, sorted by name. Raises InputError if there are none."""
    if path.is_file():
        return [path]
    folder = path / "documents" if (path / "documents").is_dir() else path
    found = sorted(folder.glob("*.jsonl.zst"))
    if not found:
        raise InputError(
            f"{path}: no documents/*.jsonl.zst in it; expected an artifact of `corpus extract` or `corpus build`"
        )
    return found


def is_collection(path: Path) -> bool:
    """Whether `read_documents` can read `path`: an artifact with documents, or a folder of shards."""
    return any(any(folder.glob("*.jsonl.zst")) for folder in (path / "documents", path))


def write_documents(documents: Iterable[Document], folder: Path, *, shard_characters: int = SHARD_CHARACTERS) -> int:
    """Write shards `00000.jsonl.zst`, ... into `folder`; returns how many documents. Same input, same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    count, characters, shard = 0, shard_characters, -1
    writer: JsonlWriter | None = None
    try:
        for document in documents:
            if characters >= shard_characters:
                if writer:
                    writer.close()
                shard, characters = shard + 1, 0
                writer = JsonlWriter(folder / f"{shard:05d}.jsonl.zst")
            assert writer is not None
            writer.write({"id": document.id, "text": document.text, "metadata": document.metadata})
            count, characters = count + 1, characters + len(document.text)
        if writer is None:  # an empty collection is a collection
            writer = JsonlWriter(folder / "00000.jsonl.zst")
    finally:
        if writer:
            writer.close()
    return count


class JsonlWriter:
    """Writes one JSON object a line, compressed when the name ends in `.zst`. The bytes depend on the rows alone."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._raw = path.open("wb")
        # One thread and no checksum of time: gzip would write the clock into its header.
        self._file: Any = (
            zstandard.ZstdCompressor(level=3).stream_writer(self._raw) if path.suffix == ".zst" else self._raw
        )

    def write(self, row: Any) -> None:
        """Add one row. Lone surrogates cannot stand in UTF-8 and raise TypeError: clean the text first."""
        self._file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY))

    def close(self) -> None:
        """Finish the file."""
        self._file.close()
        self._raw.close()

    def __enter__(self) -> "JsonlWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_jsonl(path: Path, *, on_error: Callable[[int, str], None] | None = None) -> Iterator[Any]:
    """Rows of a JSON Lines file, plain, `.gz` or `.zst`; empty lines are passed over.

    on_error: called with line number and reason for a line that is no JSON; without it InputError is raised. So it is
    for a packed file that is cut or damaged, behind the rows before the damage.
    """
    number = 0
    try:
        with open_binary(path) as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                try:
                    row = orjson.loads(line)
                except orjson.JSONDecodeError as error:
                    if on_error is None:
                        raise InputError(f"{path}:{number}: not JSON: {error}") from None
                    on_error(number, str(error))
                    continue
                yield row
    except _DAMAGE as error:
        raise InputError(
            f"{path}: cut or damaged, nothing can be read behind line {number:,} ({error}); copy or make it again"
        ) from None


def open_binary(path: Path) -> BinaryIO:
    """A file's bytes, decompressed when its name ends in `.gz` or `.zst`; EOFError where such a file is cut."""
    if path.suffix == ".gz":
        return cast(BinaryIO, gzip.open(path, "rb"))
    if path.suffix == ".zst":
        return cast(BinaryIO, io.BufferedReader(_Unpacked(path), buffer_size=1 << 20))
    return path.open("rb")


def zstd_chunks(raw: IO[bytes], *, packed_bytes: int = PACKED_BYTES) -> Iterator[bytes]:
    """Unpacked chunks of all frames. The library's own stream ends in silence where a file is cut; this does not."""
    frame = zstandard.ZstdDecompressor().decompressobj()
    while packed := raw.read(packed_bytes):
        while packed:
            if frame.eof:
                frame = zstandard.ZstdDecompressor().decompressobj()
            yield frame.decompress(packed)
            packed = frame.unused_data
    if not frame.eof:
        raise EOFError("the compressed file ends in the middle")


class _Unpacked(io.RawIOBase):
    """`zstd_chunks` as a file."""

    def __init__(self, path: Path) -> None:
        self._raw = path.open("rb")
        self._chunks = zstd_chunks(self._raw)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()
