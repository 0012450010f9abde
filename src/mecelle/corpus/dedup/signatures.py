"""What near-duplicate search needs of each document, kept on disk: band keys, keys of what is decisive, shingles."""

from bisect import bisect_right
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from mecelle.corpus.dedup.shingles import Hashes

_PIECE = 8_192
"""Shingles in one call of rensa. Larger calls (seen from 100,000) start its thread pool, which hangs in a forked worker
and uses more cores than the user gave. The signature of a union is the smaller value of each place: pieces add up."""


def band_keys(shingles: Hashes, *, permutations: int, bands: int, seed: int) -> Hashes:
    """One key per band of a MinHash signature, shape (bands,): two documents that share one are candidates."""
    pieces = [shingles[start : start + _PIECE] for start in range(0, max(1, len(shingles)), _PIECE)]
    signature = np.minimum.reduce([_sign(piece, permutations, seed) for piece in pieces])
    digests = [blake2b(band.tobytes(), digest_size=8).digest() for band in signature.astype("<u8").reshape(bands, -1)]
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def _sign(shingles: Hashes, permutations: int, seed: int) -> Hashes:
    offsets = np.array([0, len(shingles)], dtype=np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(shingles, offsets, permutations, seed)
    return np.array(matrix.to_rows()[0], dtype=np.uint64)


class SignatureWriter:
    """Collects the signatures of one shard and writes them as arrays."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bands: list[Hashes] = []
        self._decisive: list[int] = []
        self._official: list[int] = []
        self._shingles: list[Hashes] = []

    def add(self, *, bands: Hashes, decisive: int, official: int, shingles: Hashes) -> None:
        """Add the next document of the shard."""
        self._bands.append(bands)
        self._decisive.append(decisive)
        self._official.append(official)
        self._shingles.append(shingles)

    def close(self, *, bands: int) -> None:
        """Write arrays: bands (n, bands), decisive (n,), official (n,), offsets (n + 1,), shingles (all in a row)."""
        self._folder.mkdir(parents=True, exist_ok=True)
        empty = np.empty(0, dtype=np.uint64)
        lengths = np.fromiter((len(one) for one in self._shingles), dtype=np.int64, count=len(self._shingles))
        self._save("bands", np.array(self._bands, dtype=np.uint64).reshape(-1, bands))
        self._save("decisive", np.array(self._decisive, dtype=np.uint64))
        self._save("official", np.array(self._official, dtype=np.uint64))
        self._save("offsets", np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)]))
        self._save("shingles", np.concatenate([empty, *self._shingles]))

    def _save(self, name: str, array: NDArray[np.generic]) -> None:
        np.save(self._folder / f"{name}.npy", array)


class Signatures:
    """The signatures of all shards, by row in the collection. Shingles stay on disk (memory-mapped)."""

    def __init__(self, folders: list[Path]) -> None:
        """folders: those of `SignatureWriter`, in shard order."""
        self.bands: Hashes = np.concatenate([np.load(folder / "bands.npy") for folder in folders])
        self.decisive: Hashes = np.concatenate([np.load(folder / "decisive.npy") for folder in folders])
        self.official: Hashes = np.concatenate([np.load(folder / "official.npy") for folder in folders])
        self._offsets = [np.load(folder / "offsets.npy") for folder in folders]
        self._shingles = [_mapped(folder / "shingles.npy") for folder in folders]
        self._starts = [0, *np.cumsum([len(offsets) - 1 for offsets in self._offsets]).tolist()]

    def __len__(self) -> int:
        return len(self.decisive)

    def shingles(self, row: int) -> Hashes:
        """The sorted shingles of one document."""
        shard = bisect_right(self._starts, row) - 1
        start, end = self._offsets[shard][row - self._starts[shard] :][:2]
        found: Hashes = self._shingles[shard][start:end]
        return found


def _mapped(path: Path) -> Hashes:
    try:
        mapped: Hashes = np.load(path, mmap_mode="r")
    except ValueError:  # an empty file cannot be mapped
        mapped = np.load(path)
    return mapped
