"""MinHash signatures: short stand-ins of sets of n-grams; equal parts tell which documents are worth comparing."""

from typing import Literal, NamedTuple, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray
from pydantic import Field, model_validator

from mecelle.base.config import Config
from mecelle.base.errors import ConfigError
from mecelle.corpus.dedup.scanning import code_points, mix, scan, tables
from mecelle.corpus.dedup.shingles import Hashes

Shingles = NDArray[np.uint32]
"""The set of word n-grams of a text: 32 bits each, sorted, each once. Two different ones fall together once in 4
billion times, so that a similarity errs by less than 0.0001 below 100,000 words."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # odd, from the golden ratio: spreads neighbouring values over 64 bits


class MinHash(Config):
    """Parameters of near-duplicate search. Source: HukukBERT §3.2 (256 permutations, similarity 0.90)."""

    permutations: int = Field(default=256, ge=16)
    """Values in a signature."""
    bands: int = Field(default=21, ge=1)
    """Parts of a signature; two documents that agree in one are compared. A part has permutations // bands values: a
    pair of similarity 0.90 is found with probability 0.9990 by 21 parts of 12, and with 0.962 by 16 parts of 16."""
    shingle_words: int = Field(default=5, ge=1)
    """Words in a shingle."""
    least_similarity: float = Field(default=0.90, gt=0.0, le=1.0)
    """Jaccard similarity of shingle sets, 0..1, from which two documents are one (HukukBERT §3.2)."""
    decisive_tokens: bool = True
    """Documents whose numbers (amounts, dates) or words of outcome differ are two, however similar; so are those whose
    metadata give different case, decision or law numbers."""
    signing_version: Literal[2] = 2
    """How documents are signed; shards kept from another version are signed again."""

    @model_validator(mode="after")
    def _bands_fit(self) -> Self:
        if self.bands > self.permutations:
            raise ConfigError(f"{self.bands} bands of {self.permutations} permutations; try 21 of 256")
        return self

    @property
    def rows(self) -> int:
        """Values in a band; what is left over of the permutations is not used."""
        return self.permutations // self.bands


class Signature(NamedTuple):
    """What near-duplicate search keeps of one document."""

    shingles: Shingles
    bands: Hashes
    """One key a band, shape (bands,): two documents that share one are candidates."""
    decisive: int
    """Equal for two texts with the same numbers and words of outcome in the same order."""


class Signer:
    """Makes signatures; the same on every machine for the same parameters and seed."""

    def __init__(self, config: MinHash, *, seed: int) -> None:
        """seed: draws the permutations."""
        self._config, self._tables = config, tables()
        drawn = [_draw(np.uint64(seed), number) for number in range(2 * config.bands * config.rows)]
        self._factors = np.array(drawn[::2], dtype=np.uint64) | np.uint64(1)
        self._offsets = np.array(drawn[1::2], dtype=np.uint64)

    def sign(self, text: str) -> Signature:
        """The signature of a text."""
        hashes, decisive = scan(code_points(text), self._tables)
        found = shingle_set(hashes, self._config.shingle_words)
        keys = band_keys(minima(found, self._factors, self._offsets), self._config.rows)
        return Signature(found, keys, int(decisive))


@njit(cache=True)
def _draw(seed, number):  # type: ignore[no-untyped-def]
    return mix(seed + np.uint64(number + 1) * _MULTIPLIER)


@njit(cache=True)
def shingle_set(hashes, length):  # type: ignore[no-untyped-def]
    """The set of runs of `length` words; the whole text is one if it is shorter, none if it has no words."""
    length = min(length, len(hashes))
    if length == 0:
        return np.empty(0, dtype=np.uint32)
    grams = np.empty(len(hashes) - length + 1, dtype=np.uint32)
    for at in range(len(grams)):
        value = np.uint64(0)
        for offset in range(length):  # a polynomial modulo 2**64: the order of words counts
            value = value * _MULTIPLIER + hashes[at + offset]
        grams[at] = mix(value) >> np.uint64(32)
    grams.sort()
    count = 1
    for at in range(1, len(grams)):
        if grams[at] != grams[at - 1]:
            grams[count] = grams[at]
            count += 1
    return grams[:count].copy()


@njit(cache=True)
def minima(shingles, factors, offsets):  # type: ignore[no-untyped-def]
    """The least value of each permutation over all shingles, shape (len(factors),).

    Permutations are multiply-add-shift (Dietzfelbinger 1996) over values that `mix` has spread already.
    """
    least = np.full(len(factors), 0xFFFFFFFF, dtype=np.uint32)
    for shingle in shingles:
        wide = np.uint64(shingle)
        for number in range(len(factors)):
            value = np.uint32((factors[number] * wide + offsets[number]) >> np.uint64(32))
            least[number] = min(least[number], value)
    return least


@njit(cache=True)
def band_keys(signature, rows):  # type: ignore[no-untyped-def]
    """One 64-bit key for each band of `rows` values."""
    keys = np.empty(len(signature) // rows, dtype=np.uint64)
    for band in range(len(keys)):
        value = np.uint64(band)
        for at in range(band * rows, (band + 1) * rows):
            value = mix(value ^ np.uint64(signature[at])) * _MULTIPLIER
        keys[band] = mix(value)
    return keys
