"""Deleting documents from an index at once, whatever its sources still hold."""

from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import orjson

from mecelle.base.artifacts import lock_path
from mecelle.base.document import Document
from mecelle.base.locks import lock
from mecelle.retrieval.building import FAILED, Building, Plan, open_vectors, put_in_place
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
    wait: whether to wait for a build or backup that is at work, or for how many seconds at most.
    Raises ArtifactError if there is no whole index, LockedError if another process is writing it, ResourceError on a
    full disk.
    """
    with lock(lock_path(index), doing="delete from the index", wait=wait), told_when_disk_is_full(index):
        manifest = read_manifest(index)
        found, fingerprints = _held(manifest.folder(index) / TABLES, identifiers)
        if found.documents:
            building = Building.begin(index, Plan.of(manifest), manifest)
            put_in_place(building.folder, index, _without(building, identifiers, manifest))
        for fingerprint in fingerprints:
            (index / "cache" / f"{fingerprint}.jsonl.zst").unlink(missing_ok=True)
    return found


def _held(path: Path, identifiers: Collection[str]) -> tuple[Deletion, set[str]]:
    """What has these ids, and the fingerprints of the units that it came from."""
    query = (
        "SELECT fingerprint, (SELECT COUNT(*) FROM passages WHERE document = documents.number) AS passages "
        "FROM documents JOIN units ON units.number = documents.unit WHERE id = ?"
    )
    with closing(Catalogue.read(path)) as tables:
        rows = [row for one in identifiers for row in tables.rows(query, one)]
    return Deletion(len(rows), sum(row["passages"] for row in rows)), {row["fingerprint"] for row in rows}


def _without(building: Building, identifiers: Collection[str], manifest: Manifest) -> Manifest:
    with closing(building):
        building.catalogue.delete(identifiers)
        passages = building.count_terms()
        building.catalogue.write_failures(building.folder / FAILED)
        if manifest.model:
            with closing(open_vectors(building.folder, building.plan, may_create=False)) as store:
                building.finish(store, gone=store.points() - building.catalogue.points())
        accounts = building.catalogue.accounts()
    update = {"generation": manifest.generation + 1, "accounts": accounts, "passages": passages}
    return manifest.model_copy(update=update)
