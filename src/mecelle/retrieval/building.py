"""The next generation of an index in the making: begun from the one before, resumed after a kill."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Self

import orjson

from mecelle.base.config import dump
from mecelle.base.document import Document
from mecelle.base.progress import Progress
from mecelle.base.protocols import TextEncoder
from mecelle.documents.passages import passages
from mecelle.documents.records import Failure
from mecelle.retrieval.bm25 import Bm25
from mecelle.retrieval.catalogue import Catalogue, Piece, UnitState, piece
from mecelle.retrieval.config import IndexConfig
from mecelle.retrieval.manifest import (
    COUNTS,
    TABLES,
    VECTORS,
    VERSION,
    Manifest,
    ModelEntry,
    generation_name,
    write_manifest,
)
from mecelle.retrieval.sources import Unit, read_units
from mecelle.retrieval.vectors import VectorStore, open_store

FOLDER = "building"
PLAN = "plan.json"
FAILED = "failed.jsonl"
EMBEDDED_AT_ONCE = 256
"""Passages embedded between two writes: what a kill loses."""


def reading_key(config: IndexConfig) -> dict[str, Any]:
    """All that decides the tables, but for the sources."""
    values = dump(config)
    del values["reading"]["workers"]
    terms = values["bm25"]["terms"]
    return {key: values[key] for key in ("passage_words", "overlap_words", "reading")} | {"terms": terms, "v": VERSION}


def vectors_key(config: IndexConfig, model: ModelEntry | None) -> dict[str, Any] | None:
    """All that decides the vectors, but for the passages; None without a model."""
    if model is None:
        return None
    stored = config.vectors.model_dump(mode="json", exclude={"search_candidates"})
    return stored | {"fingerprint": model.fingerprint, "dimension": model.dimension}


def open_vectors(folder: Path, config: IndexConfig, model: ModelEntry, *, may_create: bool) -> VectorStore:
    """The vectors of a generation; on a server each model has a collection of its own."""
    name = f"{config.vectors.collection}-{model.fingerprint[:8]}"
    own = config.vectors.model_copy(update={"collection": name})
    return open_store(folder / VECTORS, model.dimension, own, may_create=may_create)


class Building:
    """Tables, BM25 counts and vectors of a generation that nobody searches yet. Every step can be done twice."""

    def __init__(self, folder: Path, config: IndexConfig) -> None:
        """Use `resume` or `begin`."""
        self.folder, self.config = folder, config
        self.catalogue = Catalogue.open(folder / TABLES)

    @classmethod
    def resume(
        cls, index: Path, config: IndexConfig, model: ModelEntry | None, current: Manifest | None
    ) -> Self | None:
        """What a killed build left, if it was to become the same generation from the same beginning."""
        plan = index / FOLDER / PLAN
        if not plan.exists() or plan.read_bytes() != _plan(config, model, current):
            return None
        return cls(plan.parent, config)

    @classmethod
    def begin(cls, index: Path, config: IndexConfig, model: ModelEntry | None, current: Manifest | None) -> Self:
        """A new generation that starts with what it can take from the current one."""
        folder, partial = index / FOLDER, index / f"{FOLDER}.partial"
        for path in (folder, partial):
            shutil.rmtree(path, ignore_errors=True)
        partial.mkdir(parents=True)
        if current is not None:
            before, config_before = current.folder(index), current.parsed_config()
            if reading_key(config_before) == reading_key(config):
                shutil.copyfile(before / TABLES, partial / TABLES)
            is_same = vectors_key(config_before, current.model) == vectors_key(config, model)
            if is_same and (before / VECTORS).exists():
                shutil.copytree(before / VECTORS, partial / VECTORS)
        (partial / PLAN).write_bytes(_plan(config, model, current))
        partial.rename(folder)
        return cls(folder, config)

    def close(self) -> None:
        """Let go of the tables."""
        self.catalogue.close()

    def read_in(self, units: Sequence[Unit], states: dict[str, UnitState], cache: Path) -> None:
        """Read units into the tables, each whole or not at all."""
        with Progress("read", total=len(units), unit="files") as progress:
            for unit, found in read_units(units, self.config.reading, cache=cache):
                self.catalogue.replace(states[unit.name], map(self._cut, found))
                progress.advance()

    def _cut(self, found: Document | Failure) -> tuple[Document, list[Piece]] | Failure:
        if isinstance(found, Failure):
            return found
        config = self.config
        cut = passages(found, most_words=config.passage_words, overlap_words=config.overlap_words)
        return found, [piece(found, passage, config.bm25.terms) for passage in cut]

    def count_terms(self) -> int:
        """Number the live passages and count their terms; returns how many passages."""
        self.catalogue.settle()
        counts = Bm25.from_terms(
            ((f"{position:09d}", terms) for position, terms in enumerate(self.catalogue.terms())), self.config.bm25
        )
        shutil.rmtree(self.folder / COUNTS, ignore_errors=True)
        counts.save(self.folder / COUNTS)
        return len(counts.identifiers)

    def embed(self, encoder: TextEncoder, model: ModelEntry) -> int:
        """Bring the vectors in line with the passages; returns how many texts were embedded."""
        with closing(open_vectors(self.folder, self.config, model, may_create=True)) as store:
            wanted, there = self.catalogue.points(), store.points()
            missing = sorted(wanted - there)
            with Progress("embed", total=len(missing), unit="passages") as progress:
                for points in _batches(missing):
                    batch = self.catalogue.to_embed(points)
                    vectors = encoder.encode([text for _, text, _ in batch], role="document")
                    store.add(points, vectors, [payload for _, _, payload in batch])
                    progress.advance(len(points))
            store.delete(there - wanted)
            store.finish()
            return len(missing)


def put_in_place(folder: Path, out: Path, manifest: Manifest) -> None:
    """The finished folder becomes a generation, then the marker names it, then older generations go."""
    place = out / generation_name(manifest.generation)
    shutil.rmtree(place, ignore_errors=True)  # of a build that was killed between these steps
    (folder / FAILED).replace(out / FAILED)
    folder.rename(place)
    write_manifest(out, manifest)
    for old in out.glob("generation-*"):
        if old != place:
            shutil.rmtree(old, ignore_errors=True)


def _plan(config: IndexConfig, model: ModelEntry | None, current: Manifest | None) -> bytes:
    plan = {
        "after": current.generation if current else 0,
        "reading": reading_key(config),
        "vectors": vectors_key(config, model),
    }
    return orjson.dumps(plan, option=orjson.OPT_SORT_KEYS)


def _batches(points: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(points), EMBEDDED_AT_ONCE):
        yield points[start : start + EMBEDDED_AT_ONCE]
