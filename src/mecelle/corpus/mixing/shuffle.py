"""A seeded order over more documents than memory holds: written into buckets by key, each then sorted by itself."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from mecelle.base.collection import JsonlWriter, read_jsonl
from mecelle.base.document import Document
from mecelle.base.seeds import derive

BUCKET_CHARACTERS = 32_000_000
"""Text of one bucket, which is held in memory; more where `MOST_BUCKETS` would not do (a terabyte: 4 GB)."""
MOST_BUCKETS = 256
"""Files open at once."""

MARKS = ("copy", "phase", "replay_of")
"""What tells two lines of one document apart."""

_KEY_BITS = 63


class Shuffle:
    """Takes documents in any order and gives them back by the key of seed, id and copy. Use as a context manager."""

    def __init__(self, folder: Path, *, characters: int, seed: int) -> None:
        """folder: for the buckets, as large as the text; characters: about how much text will come."""
        self._seed = seed
        self._paths = [folder / f"{number:03d}.jsonl" for number in range(_buckets(characters))]
        self._writers = [JsonlWriter(path) for path in self._paths]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._writers:
            writer.close()

    def add(self, document: Document) -> None:
        """Copies and phases are told apart by their marks in the metadata."""
        marks = (str(document.metadata.get(name, "")) for name in MARKS)
        key = derive(self._seed, "order", document.id, *marks)
        bucket = key * len(self._writers) >> _KEY_BITS
        self._writers[bucket].write([key, document.id, document.text, document.metadata])

    def documents(self) -> Iterator[Document]:
        """All documents in their order; only after the last `add`. A bucket is deleted when it is read."""
        for writer in self._writers:
            writer.close()
        for path in self._paths:
            rows = sorted(read_jsonl(path), key=lambda row: row[0])
            path.unlink()
            for _, identity, text, metadata in rows:
                yield Document(text=text, id=identity, metadata=metadata)


def _buckets(characters: int) -> int:
    return max(1, min(MOST_BUCKETS, -(-characters // BUCKET_CHARACTERS)))
