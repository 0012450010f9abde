"""Ways to keep the vectors of one model, and to search them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Storage = Literal["float32", "int8", "binary"]
Rescoring = Literal["none", "own", "full"]
"""Who has the last word over the candidates: the stored form itself; the same vectors in float32 ("own"); the vectors
before the cut ("full")."""

_BITS: dict[Storage, int] = {"float32": 32, "int8": 8, "binary": 1}
_WORDS: dict[Rescoring, str] = {"none": "", "own": ", rescored", "full": ", rescored by all dimensions"}


@dataclass(frozen=True, order=True)
class Variant:
    """One way. Its `name` is what tables print: `128 int8, rescored`."""

    dimension: int
    storage: Storage
    rescoring: Rescoring = "none"

    @property
    def name(self) -> str:
        """Such as `384 float32`."""
        return f"{self.dimension} {self.storage}{_WORDS[self.rescoring]}"

    @property
    def bytes_per_vector(self) -> float:
        """What the graph walk must have in memory, without links; originals that only rescore stay on disk."""
        return self.dimension * _BITS[self.storage] / 8


def variants(dimension: int, *, cuts: Sequence[int], storages: Sequence[Storage]) -> list[Variant]:
    """All combinations for a model of `dimension`: quantised forms with and without rescoring, cuts also rescored by
    the full vectors."""
    found: list[Variant] = []
    for size in (dimension, *sorted({cut for cut in cuts if cut < dimension}, reverse=True)):
        for storage in storages:
            found.append(Variant(size, storage))
            if storage != "float32":
                found.append(Variant(size, storage, "own"))
            if size < dimension:
                found.append(Variant(size, storage, "full"))
    return found
