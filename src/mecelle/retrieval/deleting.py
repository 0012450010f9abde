"""Deleting documents from an index at once, whatever its sources still hold."""

import shutil
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import orjson

from mecelle.base.artifacts import lock_path
from mecelle.base.document import Document
from mecelle.base.errors import ConfigError, InputError
from mecelle.base.locks import lock
from mecelle.retrieval.building import (
    DELETING,
    FAILED,
    FOLDER,
    PLAN,
    Building,
    Plan,
    drop_leftovers,
    follow,
    open_vectors,
    put_in_place,
)
from mecelle.retrieval.catalogue import Catalogue, body_text
from mecelle.retrieval.disk import told_when_disk_is_full
from mecelle.retrieval.manifest import TABLES, Manifest, read_manifest
from mecelle.retrieval.opening import opened_generation


class Deletion(NamedTuple):
    """What left an index."""

    documents: int
    passages: int


def indexed_documents(index: Path) -> Iterator[Document]:
    """The documents of an index as they were read. Raises ArtifactError if there is no whole index."""
    query = "SELECT id, metadata, body FROM documents WHERE live ORDER BY number"
    with closing(opened_generation(index, lambda manifest: Catalogue.read(manifest.folder(index) / TABLES))) as tables:
        for row in tables.connection.execute(query):
            yield Document(text=body_text(row["body"]), id=row["id"], metadata=orjson.loads(row["metadata"]))


def delete(index: Path, identifiers: Collection[str], *, wait: bool | float = False) -> Deletion:
    """Take documents out of tables, counts, vectors and the cache of read files; a search finds them no more.

    The index without them is a generation of its own, so that a kill leaves the one of before and the same call goes
    on. A search that opened the index before keeps to that generation until it opens it again. A unit is not read again
    because of this: a build brings a document back only from a file that has changed since, or if it reads all anew.
    A build that was killed before goes on behind the deletion, without these documents.
    wait: whether to wait for a build or backup that is at work, or for how many seconds at most.
    Raises ArtifactError if there is no whole index, LockedError if another process is writing it, ResourceError on a
    full disk.
    """
    with lock(lock_path(index), doing="delete from the index", wait=wait), told_when_disk_is_full(index):
        manifest = read_manifest(index)
        with closing(Catalogue.read(manifest.folder(index) / TABLES)) as tables:
            found, fingerprints = _held(tables, identifiers)
        drop_leftovers(index)
        waiting, read_since = _out_of_killed(index, identifiers, manifest)
        if found.documents:
            building = Building.begin(index, Plan.of(manifest), manifest, name=DELETING)
            put_in_place(building.folder, index, _without(building, identifiers, manifest, waiting))
            follow(index, manifest.generation)
        for fingerprint in fingerprints | read_since:
            (index / "cache" / f"{fingerprint}.jsonl.zst").unlink(missing_ok=True)
    return found


def _held(tables: Catalogue, identifiers: Collection[str]) -> tuple[Deletion, set[str]]:
    """What has these ids, and the fingerprints of the units that it came from."""
    query = (
        "SELECT fingerprint, (SELECT COUNT(*) FROM passages WHERE document = documents.number) AS passages "
        "FROM documents JOIN units ON units.number = documents.unit WHERE id = ?"
    )
    rows = [row for one in identifiers for row in tables.rows(query, one)]
    return Deletion(len(rows), sum(row["passages"] for row in rows)), {row["fingerprint"] for row in rows}


def _out_of_killed(index: Path, identifiers: Collection[str], manifest: Manifest) -> tuple[set[int], set[str]]:
    """Take documents out of what a killed build left, so that it can go on without them.

    Returns the points of what it still has, and the fingerprints of the units that the documents came from. What cannot
    be read goes as a whole: no deletion fails for it.
    """
    folder = index / FOLDER
    if not folder.exists():
        return set(), set()
    try:
        with closing(Building(folder, Plan.of_killed(folder / PLAN, manifest))) as killed:
            found, fingerprints = _held(killed.catalogue, identifiers)
            if found.documents:
                with closing(Catalogue.read(manifest.folder(index) / TABLES)) as tables:
                    needed = tables.all_points(without=identifiers)
                killed.forget(identifiers, needed=needed)
            return killed.catalogue.all_points(), fingerprints
    except (InputError, ConfigError):  # of a server that does not answer, which the deletion needs as well
        raise
    except Exception:
        shutil.rmtree(folder, ignore_errors=True)
        return set(), set()


def _without(building: Building, identifiers: Collection[str], manifest: Manifest, waiting: set[int]) -> Manifest:
    """waiting: points of a killed build, whose vectors lie with those of the index if they lie on a server."""
    kept = waiting if building.plan.config.vectors.server else set()
    with closing(building):
        building.catalogue.delete(identifiers)
        passages = building.count_terms()
        building.catalogue.write_failures(building.folder / FAILED)
        if manifest.model:
            with closing(open_vectors(building.folder, building.plan, may_create=False)) as store:
                building.finish(store, gone=store.points() - building.catalogue.points() - kept)
        accounts = building.catalogue.accounts()
    update = {"generation": manifest.generation + 1, "accounts": accounts, "passages": passages}
    return manifest.model_copy(update=update)
