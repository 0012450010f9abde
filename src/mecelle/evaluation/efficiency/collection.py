"""What is measured: the vectors of one collection and of its queries, from a model or from files."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import InputError
from mecelle.base.protocols import TextEncoder
from mecelle.base.seeds import generator
from mecelle.evaluation.efficiency.probe import DOCUMENTS, QUERIES
from mecelle.evaluation.tasks.retrieval import RetrievalTask
from mecelle.evaluation.vectors import Vectors as Cached

_TOO_LONG = 1e-3


@dataclass(frozen=True)
class Texts:
    """Queries and documents, the same for every model."""

    queries: Mapping[str, str]
    documents: Mapping[str, str]
    gold: Mapping[str, set[str]]

    @property
    def data(self) -> str:
        """Hash of everything."""
        hasher = hashlib.blake2b(digest_size=16)
        for mapping in (self.queries, self.documents):
            for key, text in mapping.items():
                hasher.update(f"{key}\x1f{text}\x1e".encode("utf-8", "surrogatepass"))
        for query, answers in sorted(self.gold.items()):
            hasher.update(f"{query}\x1f{sorted(answers)}\x1e".encode())
        return hasher.hexdigest()


@dataclass(frozen=True)
class Vectors:
    """Unit vectors of one model."""

    documents: NDArray[np.float32]
    """Shape (documents, dimension)."""
    queries: NDArray[np.float32]
    """Shape (queries, dimension)."""
    query_ids: tuple[str, ...]
    gold: Mapping[str, set[str]] = field(default_factory=dict)
    """Query id -> rows of the documents that answer it, as text; empty where it is not known."""
    seconds: float = 0.0
    """In the encoder; vectors from the cache cost none."""


def draw(task: RetrievalTask, most: int | None, *, seed: int) -> Texts:
    """The texts of a task, its collection cut to `most` documents by seed; those that answer a query stay."""
    documents = task.documents
    if most is not None and len(documents) > most:
        wanted = {answer for answers in task.gold.values() for answer in answers}
        others = [key for key in documents if key not in wanted]
        room = max(most - (len(documents) - len(others)), 0)
        chosen = generator(seed, "efficiency", "documents").permutation(len(others))[:room]
        kept = wanted | {others[place] for place in chosen}
        documents = {key: text for key, text in documents.items() if key in kept}
    return Texts(queries=task.queries, documents=documents, gold=task.gold)


def embed(encoder: TextEncoder, texts: Texts, *, cache: Path | None) -> Vectors:
    """The vectors that `encoder` gives, kept in `cache`."""
    made = Cached(encoder, cache)
    documents = made.encode(list(texts.documents.values()), role="document")
    queries = made.encode(list(texts.queries.values()), role="query")
    rows = {key: str(row) for row, key in enumerate(texts.documents)}
    gold = {
        query: {rows.get(answer, f"absent:{answer}") for answer in answers} for query, answers in texts.gold.items()
    }
    return Vectors(documents, queries, tuple(texts.queries), gold, made.embedding_seconds)


def read_vectors(folder: Path) -> Vectors:
    """Vectors that were made elsewhere: `documents.npy` and `queries.npy`, shape (rows, dimension).

    Raises InputError if one is absent, or they are not unit vectors of one dimension.
    """
    documents, queries = (_read(folder / name) for name in (DOCUMENTS, QUERIES))
    if documents.shape[1] != queries.shape[1]:
        raise InputError(
            f"{folder}: {DOCUMENTS} has {documents.shape[1]} dimensions, {QUERIES} {queries.shape[1]}; both must come "
            "from one model"
        )
    return Vectors(documents, queries, tuple(f"q{row}" for row in range(1, len(queries) + 1)))


def is_vectors(place: Any) -> bool:
    """Whether `place` is a folder that `read_vectors` takes."""
    return isinstance(place, Path) and (place / DOCUMENTS).is_file()


def _read(path: Path) -> NDArray[np.float32]:
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected an array of unit vectors, one row per text")
    vectors = np.load(path)
    if vectors.ndim != 2 or not vectors.size or not np.issubdtype(vectors.dtype, np.floating):
        raise InputError(f"{path}: shape {vectors.shape} of {vectors.dtype}; expected rows of floating-point vectors")
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    off = int((np.abs(np.linalg.norm(vectors, axis=1) - 1) > _TOO_LONG).sum())
    if off:
        raise InputError(f"{path}: {off} of {len(vectors)} rows are not of length 1; divide each row by its norm")
    return vectors
