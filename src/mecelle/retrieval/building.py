"""The next generation of an index in the making: begun from the one before, resumed after a kill."""

import hashlib
import shutil
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import orjson
from numpy.typing import NDArray

from mecelle.base.config import dump
from mecelle.base.document import Document
from mecelle.base.errors import ArtifactError
from mecelle.base.progress import Progress
from mecelle.base.protocols import TextEncoder
from mecelle.documents.records import Failure
from mecelle.retrieval.bm25 import Bm25
from mecelle.retrieval.catalogue import Catalogue, UnitState
from mecelle.retrieval.config import IndexConfig, VectorConfig
from mecelle.retrieval.cutting import CutDocument, Cutter
from mecelle.retrieval.disk import check_room, copy_with_holes, folder_bytes
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
from mecelle.retrieval.matryoshka import cut
from mecelle.retrieval.sections import SectionReader
from mecelle.retrieval.sources import Unit, read_units
from mecelle.retrieval.stored import documents
from mecelle.retrieval.vectors import VectorStore, open_store

FOLDER = "building"
DELETING = "deleting"
"""Where a deletion makes its generation: in `FOLDER` a killed build may wait."""
PLAN = "plan.json"
FAILED = "failed.jsonl"
EMBEDDED_AT_ONCE = 256
"""Passages embedded between two writes: what a kill loses."""
TOLD_AT_ONCE = 32
"""Passages embedded between two moves of the bar: three seconds of a core for the model that ships."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a generation is made by, beside its sources."""

    config: IndexConfig
    model: ModelEntry | None
    sections: str | None
    """Fingerprint of what tells the sections of decisions."""
    identity: str | None = None
    """Of the index, where its vectors lie on a server."""

    @classmethod
    def of(cls, manifest: Manifest) -> Self:
        """The plan that a whole index was made by."""
        return cls(manifest.parsed_config(), manifest.model, manifest.sections, manifest.identity)

    @classmethod
    def of_killed(cls, written: Path, current: Manifest) -> Self:
        """The plan that a killed build left, as far as it takes to open its vectors."""
        plan = orjson.loads(written.read_bytes())
        if (key := plan["vectors"]) is None:
            return cls(IndexConfig(), None, None, plan["identity"])
        fingerprint, kept = key.pop("fingerprint"), key.pop("kept")
        key["server_key_variable"] = current.parsed_config().vectors.server_key_variable
        model = ModelEntry(name="", folder=None, fingerprint=fingerprint, dimension=kept, kept=kept)
        return cls(IndexConfig(vectors=VectorConfig.model_validate(key)), model, None, plan["identity"])

    def reading_key(self) -> dict[str, Any]:
        """All that decides the tables, but for the sources."""
        values = dump(self.config)
        del values["reading"]["workers"]
        read = {name: values[name] for name in ("cutting", "passage_words", "overlap_words", "reading")}
        return read | {"terms": values["bm25"]["terms"], "sections": self.sections, "v": VERSION}

    def vectors_key(self) -> dict[str, Any] | None:
        """All that decides the vectors, but for the passages; None without a model."""
        if self.model is None:
            return None
        stored = self.config.vectors.model_dump(
            mode="json", exclude={"search_candidates", "rescore", "oversampling", "dimensions", "server_key_variable"}
        )
        return stored | {"fingerprint": self.model.fingerprint, "kept": self.model.kept}

    def written(self, current: Manifest | None) -> bytes:
        """The plan as a build in progress keeps it: another plan, or another index before it, begins anew."""
        plan = {
            "after": current.generation if current else 0,
            "reading": self.reading_key(),
            "vectors": self.vectors_key(),
            "identity": self.identity,
        }
        return orjson.dumps(plan, option=orjson.OPT_SORT_KEYS)


def identity_of(index: Path, config: IndexConfig, current: Manifest | None) -> str | None:
    """The id that keeps the vectors of `index` apart on a server: as its marker or a killed build has it, else new.

    None without a server, and for an index on a server that was made before there were ids.
    """
    if config.vectors.server is None:
        return None
    if current and current.parsed_config().vectors.server:
        return current.identity
    with suppress(FileNotFoundError, LookupError, orjson.JSONDecodeError):
        if (begun := orjson.loads((index / FOLDER / PLAN).read_bytes())["identity"]) is not None:
            return str(begun)
    return uuid.uuid4().hex[:12]


def open_vectors(folder: Path, plan: Plan, *, may_create: bool) -> VectorStore:
    """The vectors of a generation; on a server each index, model and setting has a collection of its own."""
    assert plan.model is not None, "only an index with a model has vectors"
    own = plan.config.vectors.model_copy(update={"collection": collection_of(plan)})
    return open_store(folder / VECTORS, plan.model.kept, own, may_create=may_create)


def has_vectors(folder: Path, plan: Plan) -> bool:
    """Whether the vectors of a finished generation are where they should be: a server may have lost them."""
    if plan.model is None or plan.config.vectors.server is None:
        return plan.model is None or (folder / VECTORS).exists()
    try:
        open_vectors(folder, plan, may_create=False).close()
    except ArtifactError:
        return False
    return True


def collection_of(plan: Plan) -> str:
    """Name of the collection on a server."""
    told = {key: value for key, value in (plan.vectors_key() or {}).items() if key not in ("server", "collection")}
    settings = hashlib.blake2b(orjson.dumps(told, option=orjson.OPT_SORT_KEYS), digest_size=6).hexdigest()
    return "-".join(filter(None, (plan.config.vectors.collection, plan.identity, settings)))


class Building:
    """Tables, BM25 counts and vectors of a generation that nobody searches yet. Every step can be done twice."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        """Use `resume` or `begin`."""
        self.folder, self.plan = folder, plan
        self.catalogue = Catalogue.open(folder / TABLES)

    @classmethod
    def resume(cls, index: Path, plan: Plan, current: Manifest | None) -> Self | None:
        """What a killed build left, if it was to become the same generation from the same beginning."""
        written = index / FOLDER / PLAN
        if not written.exists() or written.read_bytes() != plan.written(current):
            return None
        return cls(written.parent, plan)

    @classmethod
    def begin(cls, index: Path, plan: Plan, current: Manifest | None, *, name: str = FOLDER) -> Self:
        """A new generation that starts with what it can take from the current one. name: of its folder meanwhile."""
        folder, partial = index / name, index / f"{name}.partial"
        for path in (folder, partial):
            shutil.rmtree(path, ignore_errors=True)
        partial.mkdir(parents=True)
        if current is not None:
            before, plan_before = current.folder(index), Plan.of(current)
            check_room(index, more_bytes=folder_bytes(before))
            if plan_before.reading_key() == plan.reading_key():
                shutil.copyfile(before / TABLES, partial / TABLES)
            if plan_before.vectors_key() == plan.vectors_key() and (before / VECTORS).exists():
                shutil.copytree(before / VECTORS, partial / VECTORS, copy_function=copy_with_holes)
        (partial / PLAN).write_bytes(plan.written(current))
        partial.rename(folder)
        return cls(folder, plan)

    def close(self) -> None:
        """Let go of the tables."""
        self.catalogue.close()

    def read_in(
        self, units: Sequence[Unit], states: dict[str, UnitState], cache: Path, sections: SectionReader | None
    ) -> None:
        """Read units into the tables, each whole or not at all."""
        config = self.plan.config
        cutter = Cutter(config, sections)
        with Progress("read", total=len(units), unit="files") as progress:
            for unit, found in read_units(units, config.reading, cache=cache):
                counted = _counted(cutter.cut(found), progress)  # one file may hold all documents
                self.catalogue.replace(states[unit.name], counted, terms=config.bm25.terms)
                progress.advance()

    def take_out(self, taken_down: Callable[[Document], bool], cache: Path) -> int:
        """Take documents out that were taken down, and their files out of the cache; returns how many."""
        gone = [one.id for one in documents(self.catalogue) if taken_down(one)]
        for one in set(gone):
            query = "SELECT fingerprint FROM units JOIN documents ON units.number = documents.unit WHERE id = ?"
            for row in self.catalogue.rows(query, one):
                (cache / f"{row['fingerprint']}.jsonl.zst").unlink(missing_ok=True)
        if gone:
            self.catalogue.delete(gone)
        return len(gone)

    def forget(self, identifiers: Collection[str], *, needed: Collection[int]) -> None:
        """Take documents out of a build that was killed, wherever it was.

        needed: points that stay all the same, since the index that is searched may have its vectors in the same place.
        """
        gone = self.catalogue.all_points() - self.catalogue.all_points(without=identifiers) - set(needed)
        # The vectors first: killed in between, the tables still tell what is to go.
        if gone and self.plan.model and has_vectors(self.folder, self.plan):
            with closing(open_vectors(self.folder, self.plan, may_create=False)) as store:
                self.finish(store, gone=gone)
        self.catalogue.delete(identifiers)

    def count_terms(self) -> int:
        """Number the live passages and count their terms; returns how many passages."""
        self.catalogue.settle()
        counts = Bm25.from_terms(
            ((f"{position:09d}", terms) for position, terms in enumerate(self.catalogue.terms())),
            self.plan.config.bm25,
        )
        shutil.rmtree(self.folder / COUNTS, ignore_errors=True)
        counts.save(self.folder / COUNTS)
        return len(counts.identifiers)

    def embed(self, encoder: TextEncoder) -> int:
        """Bring the vectors in line with the passages; returns how many texts were embedded."""
        assert self.plan.model is not None
        with closing(open_vectors(self.folder, self.plan, may_create=True)) as store:
            wanted, there = self.catalogue.points(), store.points()
            missing = sorted(wanted - there)
            with Progress("embed", total=len(missing), unit="passages") as progress:
                for points in _batches(missing):
                    texts, payloads = zip(*self.catalogue.to_embed(points), strict=True)
                    check_room(self.folder)
                    vectors = cut(_encoded(encoder, texts, progress), self.plan.model.kept)
                    store.add(points, vectors, payloads)
            self.finish(store, gone=there - wanted)
            return len(missing)

    def finish(self, store: VectorStore, *, gone: set[int]) -> None:
        """Take vectors out that no passage has, and build the graph: for that, all are written once more."""
        check_room(self.folder, more_bytes=folder_bytes(self.folder / VECTORS))
        store.delete(gone)
        store.finish()


def follow(index: Path, generation: int) -> None:
    """Let a killed build go on behind a deletion that made the generation after this one of it."""
    written = index / FOLDER / PLAN
    with suppress(FileNotFoundError):
        plan = orjson.loads(written.read_bytes())
        if plan["after"] == generation:
            partial = written.with_suffix(".partial")
            partial.write_bytes(orjson.dumps(plan | {"after": generation + 1}, option=orjson.OPT_SORT_KEYS))
            partial.replace(written)


def drop_leftovers(index: Path) -> None:
    """Remove what kills left that nothing goes on with."""
    for name in (f"{FOLDER}.partial", DELETING, f"{DELETING}.partial"):
        shutil.rmtree(index / name, ignore_errors=True)


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
    drop_leftovers(out)


def _counted(found: Iterator[CutDocument | Failure], progress: Progress) -> Iterator[CutDocument | Failure]:
    """The same, with the number of documents beside the bar."""
    for one in found:
        yield one
        progress.advance(0, documents=int(progress.facts.get("documents", 0)) + isinstance(one, CutDocument))


def _encoded(encoder: TextEncoder, texts: Sequence[str], progress: Progress) -> NDArray[np.float32]:
    """The vectors of texts, shape (len(texts), dimension), with the bar moved at every few of them.

    The longest come first and texts of like length together, so that hardly any padding is computed.
    """
    order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
    vectors = np.empty((len(texts), encoder.dimension), dtype=np.float32)
    for start in range(0, len(order), TOLD_AT_ONCE):
        places = order[start : start + TOLD_AT_ONCE]
        vectors[places] = encoder.encode([texts[place] for place in places], role="document")
        progress.advance(len(places))
    return vectors


def _batches(points: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(points), EMBEDDED_AT_ONCE):
        yield points[start : start + EMBEDDED_AT_ONCE]
