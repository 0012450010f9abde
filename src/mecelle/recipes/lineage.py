"""Lineage in both directions: from a document to every step that saw it, from a step to every document it saw."""

from collections.abc import Collection, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, Field

from mecelle.base.artifacts import MARKER, is_artifact
from mecelle.base.collection import open_binary, read_jsonl, shards
from mecelle.base.document import Document
from mecelle.base.errors import ArtifactError, InputError
from mecelle.corpus.dedup.clusters import TABLE, clusters_of
from mecelle.corpus.snapshot import read_snapshot
from mecelle.corpus.takedown_log import LOG, read_takedowns
from mecelle.embedding import lineage as embedding_lineage
from mecelle.recipes.naming import described, named
from mecelle.retrieval.catalogue import Catalogue
from mecelle.retrieval.manifest import TABLES, read_manifest
from mecelle.training.lineage import Lineage

HOLDING = ("documents", "corpus", "training")
"""Artifacts with whole documents, in the order in which they are made."""


class Fate(BaseModel):
    """What became of one document."""

    id: str
    source: str
    description: str
    """Court, numbers and date, or title."""
    corpus: str
    """`kept`, or why it was dropped."""
    cluster: list[dict[str, Any]] = Field(default_factory=list)
    """The members of its clusters of duplicates, if it is in one."""
    training: str
    """`trained on`, or why it was left out."""
    shards: list[str] = Field(default_factory=list)
    """Files of the workspace that hold its text."""
    models: list[str] = Field(default_factory=list)
    """Models that were trained on it."""
    encoder_steps: list[int] = Field(default_factory=list)
    """Optimizer steps of the encoder's pre-training that saw a piece of it, from 1."""
    embedding_steps: list[int] = Field(default_factory=list)
    """Optimizer steps of the embedding model's training that saw a text of it, from 1."""
    passages: int = 0
    """Its passages in the index."""
    takedowns: list[int] = Field(default_factory=list)
    """Numbers of the takedowns that name it."""


def trace(workspace: Path, name: str) -> list[Fate]:
    """The fate of every document that `name` names (`mecelle.recipes.naming`), or of a file that could not be read.

    Raises InputError if the workspace has read no such document, ArtifactError if it has read nothing yet.
    """
    folder = workspace / "artifacts" / "documents"
    if not (folder / MARKER).exists():
        raise ArtifactError(f"{workspace}: no documents have been read here yet; is it a workspace, and has it run?")
    try:
        return fates(workspace, named(folder, name))
    except InputError:
        if failure := _failure(folder / "failed.jsonl", name):
            return [failure]
        raise


def fates(workspace: Path, documents: Iterable[Document]) -> list[Fate]:
    """The fate of each document."""
    documents = list(documents)
    held = shards_with(workspace, {document.id for document in documents})
    return [_fate(workspace, document, held[document.id]) for document in documents]


def documents_of_step(model: Path, step: int) -> list[dict[str, Any]]:
    """What one optimizer step of an encoder or embedding model saw: ids of documents, or pairs.

    Raises ArtifactError if the model has no lineage, InputError if it has no such step.
    """
    if is_artifact(model, stage="embedding"):
        return embedding_lineage.pairs_of_step(model, step)
    return [{"document_id": identifier} for identifier in Lineage(model).documents_of(step)]


def shards_with(workspace: Path, identifiers: Collection[str]) -> dict[str, list[str]]:
    """The shards of the workspace that hold each document, as paths in the workspace."""
    found: dict[str, list[str]] = {one: [] for one in identifiers}
    for name in HOLDING:
        folder = workspace / "artifacts" / name
        for shard in shards(folder) if (folder / MARKER).exists() else ():
            with open_binary(shard) as lines:
                here = {orjson.loads(line)["id"] for line in lines if any(one.encode() in line for one in identifiers)}
            for one in sorted(here.intersection(found)):
                found[one].append(shard.relative_to(workspace).as_posix())
    return found


def _failure(path: Path, name: str) -> Fate | None:
    """The fate of a file or row that could not be read."""
    for row in read_jsonl(path) if path.exists() else ():
        if name in (row["path"], f"{row['path']}#{row['position']}"):
            told = f"failed: {row['reason']} ({row['error']})"
            return Fate(id="", source=row["path"], description=name, corpus=told, training="never read")
    return None


def _fate(workspace: Path, document: Document, held: list[str]) -> Fate:
    artifacts = workspace / "artifacts"
    corpus = _reason(artifacts / "corpus" / "dropped.jsonl.zst", document.id) or "kept"
    fate = Fate(
        id=document.id,
        source=str(document.metadata.get("source", "")),
        description=described(document),
        corpus=corpus,
        cluster=_cluster(artifacts / "corpus", document.id),
        training="dropped before" if corpus != "kept" else _training(artifacts, document.id),
        shards=held,
        # Also of what is left out by now: a model is what it was when it was trained.
        encoder_steps=_encoder_steps(artifacts / "encoder", document.id),
        embedding_steps=_embedding_steps(artifacts / "embedding", document.id),
        passages=_passages(artifacts / "index", document.id),
        takedowns=[
            row.number for row in read_takedowns(workspace / LOG) if document.id in {one.id for one in row.documents}
        ],
    )
    saw = {
        "tokenizer": fate.training == "trained on",
        "encoder": bool(fate.encoder_steps),
        "embedding": bool(fate.embedding_steps or fate.encoder_steps),  # it starts from the encoder
    }
    fate.models = [name for name in saw if saw[name] and (artifacts / name / MARKER).exists()]
    return fate


def _training(artifacts: Path, identifier: str) -> str:
    """Where the training set has the document, or why not. Late documents are not listed in it, by design."""
    if not is_artifact(artifacts / "training", stage="select"):
        return "not selected yet"
    if reason := _reason(artifacts / "training" / "excluded.jsonl.zst", identifier):
        return reason
    settled = read_snapshot(artifacts.parent / "snapshot")
    return "trained on" if identifier in settled else "came after the first run: mecelle run --retrain"


def _encoder_steps(model: Path, identifier: str) -> list[int]:
    try:
        return Lineage(model).steps_of(identifier)
    except (ArtifactError, InputError):  # not trained yet, or on other documents
        return []


def _embedding_steps(model: Path, identifier: str) -> list[int]:
    if not is_artifact(model, stage="embedding"):
        return []
    return embedding_lineage.steps_of_document(model, identifier)


def _passages(index: Path, identifier: str) -> int:
    """How many passages of a document the index has; 0 if it is not built yet."""
    try:
        manifest = read_manifest(index)
    except ArtifactError:
        return 0
    query = (
        "SELECT count(*) FROM passages JOIN documents ON documents.number = passages.document WHERE documents.id = ?"
    )
    with closing(Catalogue.read(manifest.folder(index) / TABLES)) as tables:
        return int(tables.rows(query, identifier)[0][0])


def _reason(path: Path, identifier: str) -> str | None:
    if not path.exists():
        return None
    return next((str(row["reason"]) for row in read_jsonl(path) if row["id"] == identifier), None)


def _cluster(corpus: Path, identifier: str) -> list[dict[str, Any]]:
    if not (corpus / TABLE).exists():
        return []
    members = [member for cluster in clusters_of(corpus, identifier) for member in cluster["members"]]
    return list({member["id"]: member for member in reversed(members)}.values())[::-1]
