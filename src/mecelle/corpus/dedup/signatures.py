"""What the search for duplicates needs of each document, on disk in columns: one folder a shard, written by one worker.

Columns are bare little-endian arrays: a search over thousands of shards opens, reads and closes them one by one, and
keeps none of them in memory.

    names           {"id", "source_id"} of each document, JSON, one after another; `name_ends` are their ends
    content         first and second half of the content hash, shape (documents, 2)
    official        key of the case, decision and law numbers, 0 for none
    decisive        key of the numbers and words of outcome in the text
    bands           keys, shape (bands, documents)
    shingles        the sets, one after another; `shingle_ends` are their ends
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
import orjson
from numba import njit
from numpy.typing import DTypeLike, NDArray

from mecelle.corpus.dedup.minhash import Shingles, Signature
from mecelle.corpus.dedup.shingles import Hashes

Rows = NDArray[np.int64]
"""Documents by their place in the whole collection, from 0."""

_HASH, _END, _SHINGLE = np.dtype("<u8"), np.dtype("<i8"), np.dtype("<u4")


class SignatureWriter:
    """Writes the columns of one shard."""

    def __init__(self, folder: Path) -> None:
        """folder: made if absent."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._shingles: BinaryIO = (folder / "shingles").open("wb")
        self._names: BinaryIO = (folder / "names").open("wb")
        self._rows: list[tuple[bytes, int, int, int, int]] = []
        self._bands: list[Hashes] = []

    def add(self, names: dict[str, Any], *, content_hash: str, official: int, signature: Signature) -> None:
        """Add the next document of the shard."""
        name = orjson.dumps(names)
        self._names.write(name)
        self._shingles.write(signature.shingles.astype(_SHINGLE, copy=False).tobytes())
        self._bands.append(signature.bands)
        content = bytes.fromhex(content_hash)
        self._rows.append((content, official, signature.decisive, len(name), len(signature.shingles)))

    def close(self) -> None:
        """Write what is known at the end only."""
        self._names.close()
        self._shingles.close()
        contents, officials, decisives, names, shingles = zip(*self._rows, strict=True) if self._rows else ((),) * 5
        (self._folder / "content").write_bytes(b"".join(contents))
        for name, values in (("official", officials), ("decisive", decisives)):
            np.array(values, dtype=_HASH).tofile(self._folder / name)
        for name, lengths in (("name_ends", names), ("shingle_ends", shingles)):
            np.cumsum(np.array(lengths, dtype=_END), dtype=_END).tofile(self._folder / name)
        bands = np.array(self._bands, dtype=_HASH).T
        np.ascontiguousarray(bands).tofile(self._folder / "bands")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Signatures:
    """The columns of all shards as one table, by row."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """folders: those of `SignatureWriter`, in shard order."""
        self._folders = list(folders)
        sizes = [(folder / "official").stat().st_size // _HASH.itemsize for folder in folders]
        self.starts: Rows = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64)
        """The first row of each shard, and behind them the number of all rows."""

    def __len__(self) -> int:
        return int(self.starts[-1])

    def bands(self, band: int) -> Iterator[Hashes]:
        """The keys of one band, shard by shard."""
        for shard, folder in enumerate(self._folders):
            count = int(self.starts[shard + 1] - self.starts[shard])
            yield _read(folder / "bands", _HASH, start=band * count, count=count)

    def column(self, name: str) -> Iterator[Hashes]:
        """The column `official`, `decisive` or `content` (there: of shape (documents, 2)), shard by shard."""
        for folder in self._folders:
            yield _column(folder, name)

    def sizes(self) -> Iterator[NDArray[np.int64]]:
        """How many shingles the documents have, shard by shard."""
        for folder in self._folders:
            yield np.diff(_read(folder / "shingle_ends", _END), prepend=0)

    def names(self) -> Iterator[dict[str, Any]]:
        """The names of all documents, in order."""
        for shard in range(len(self._folders)):
            yield from self.take_names(np.arange(self.starts[shard], self.starts[shard + 1]))

    def take(self, name: str, rows: Rows) -> Hashes:
        """The values of a column in `rows` (ascending)."""
        parts = [_column(self._folders[shard], name)[places] for shard, places in self._by_shard(rows)]
        return np.concatenate([np.empty(0, dtype=np.uint64), *parts]) if name != "content" else np.concatenate(parts)

    def take_sizes(self, rows: Rows) -> NDArray[np.int64]:
        """How many shingles the documents in `rows` (ascending) have."""
        parts = [self._slices(shard, places, "shingle")[1] for shard, places in self._by_shard(rows)]
        return np.concatenate([np.empty(0, dtype=np.int64), *parts])

    def take_shingles(self, rows: Rows) -> tuple[Shingles, NDArray[np.int64]]:
        """The sets of `rows` (ascending, each once), one after another, and their edges, shape (rows + 1,).

        Read in the order in which they lie on disk.
        """
        lengths = self.take_sizes(rows)
        edges = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
        values = np.empty(int(edges[-1]), dtype=np.uint32)
        done = 0
        for shard, places in self._by_shard(rows):
            starts, sizes = self._slices(shard, places, "shingle")
            here = edges[done : done + len(places)]
            done += len(places)
            if sizes.any():
                stored = np.memmap(self._folders[shard] / "shingles", dtype=_SHINGLE, mode="r")
                _copy_slices(stored, starts, sizes, values, here)
        return values, edges

    def take_names(self, rows: Rows) -> list[dict[str, Any]]:
        """The names of the documents in `rows` (ascending)."""
        found: list[dict[str, Any]] = []
        for shard, places in self._by_shard(rows):
            starts, sizes = self._slices(shard, places, "name")
            with (self._folders[shard] / "names").open("rb") as file:
                for start, size in zip(starts.tolist(), sizes.tolist(), strict=True):
                    file.seek(start)
                    found.append(orjson.loads(file.read(size)))
        return found

    def _by_shard(self, rows: Rows) -> Iterator[tuple[int, Rows]]:
        """Number of each shard that holds some of `rows` (ascending), and their places in it."""
        edges = np.searchsorted(rows, self.starts)
        for shard in np.flatnonzero(np.diff(edges)).tolist():
            yield shard, rows[edges[shard] : edges[shard + 1]] - self.starts[shard]

    def _slices(self, shard: int, places: Rows, what: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        ends = _read(self._folders[shard] / f"{what}_ends", _END)
        starts = np.where(places > 0, ends[places - 1], 0)
        return starts, ends[places] - starts


def _column(folder: Path, name: str) -> Hashes:
    values = _read(folder / name, _HASH)
    return values.reshape(-1, 2) if name == "content" else values


def _read(path: Path, dtype: DTypeLike, *, start: int = 0, count: int = -1) -> NDArray[Any]:
    return np.fromfile(path, dtype=dtype, count=count, offset=start * np.dtype(dtype).itemsize)


@njit(cache=True)
def _copy_slices(stored, starts, sizes, values, at):  # type: ignore[no-untyped-def]
    for number in range(len(starts)):
        for offset in range(sizes[number]):
            values[at[number] + offset] = stored[starts[number] + offset]
