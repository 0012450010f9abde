"""Lineage in both directions: from a document to every step that saw it, from a step to every document it saw."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from mecelle.base.artifacts import is_artifact
from mecelle.base.collection import read_documents, read_jsonl
from mecelle.base.document import Document
from mecelle.base.errors import ArtifactError, InputError
from mecelle.corpus.snapshot import read_snapshot
from mecelle.embedding import lineage as embedding_lineage
from mecelle.retrieval.catalogue import Catalogue
from mecelle.retrieval.manifest import TABLES, read_manifest
from mecelle.text.casing import fold
from mecelle.training.lineage import Lineage

NAMES = ("source_id", "case_number", "decision_number", "law_number", "title")
"""Metadata by which a person may name a document, besides its id and `source`."""


class Fate(BaseModel):
    """What became of one document."""

    id: str
    source: str
    description: str
    """Court, numbers and date, or title."""
    corpus: str
    """`kept`, or why it was dropped."""
    cluster: list[dict[str, Any]] = Field(default_factory=list)
    """The members of its cluster of duplicates, if it is in one."""
    training: str
    """`trained on`, or why it was left out."""
    encoder_steps: list[int] = Field(default_factory=list)
    """Optimizer steps of the encoder's pre-training that saw a piece of it, from 1."""
    embedding_steps: list[int] = Field(default_factory=list)
    """Optimizer steps of the embedding model's training that saw a text of it, from 1."""
    passages: int = 0
    """Its passages in the index."""


def trace(workspace: Path, name: str) -> list[Fate]:
    """The fate of every document that `name` names: an id, a source id, a case or decision number, a title, a file.

    Raises InputError if the workspace has read no such document, ArtifactError if it has read nothing yet.
    """
    artifacts = workspace / "artifacts"
    documents = list(_named(artifacts / "documents", name))
    if not documents:
        if failure := _failure(artifacts / "documents" / "failed.jsonl", name):
            return [failure]
        raise InputError(
            f"{workspace}: no document is called '{name}'; give an id, the source's own id, a case number (2024/3494), "
            "an exact title, or a file as `mecelle search --json` shows it"
        )
    return [_fate(artifacts, document) for document in documents]


def documents_of_step(model: Path, step: int) -> list[dict[str, Any]]:
    """What one optimizer step of an encoder or embedding model saw: ids of documents, or pairs.

    Raises ArtifactError if the model has no lineage, InputError if it has no such step.
    """
    if is_artifact(model, stage="embedding"):
        return embedding_lineage.pairs_of_step(model, step)
    return [{"document_id": identifier} for identifier in Lineage(model).documents_of(step)]


def _failure(path: Path, name: str) -> Fate | None:
    """The fate of a file or row that could not be read."""
    for row in read_jsonl(path) if path.exists() else ():
        if name in (row["path"], f"{row['path']}#{row['position']}"):
            told = f"failed: {row['reason']} ({row['error']})"
            return Fate(id="", source=row["path"], description=name, corpus=told, training="never read")
    return None


def _named(folder: Path, name: str) -> Iterator[Document]:
    wanted = fold(name)
    for document in read_documents(folder):
        values = (document.id, *(str(document.metadata.get(key, "")) for key in NAMES))
        source = str(document.metadata.get("source", ""))
        if any(fold(value) == wanted for value in values) or name in (source, source.partition("#")[0]):
            yield document


def _fate(artifacts: Path, document: Document) -> Fate:
    metadata = document.metadata
    facts = ("court", "chamber", "case_number", "decision_number", "date", "title")
    corpus = _reason(artifacts / "corpus" / "dropped.jsonl.zst", document.id) or "kept"
    training = "dropped before" if corpus != "kept" else _training(artifacts, document.id)
    fate = Fate(
        id=document.id,
        source=str(metadata.get("source", "")),
        description=", ".join(str(metadata[key]) for key in facts if metadata.get(key)),
        corpus=corpus,
        cluster=_cluster(artifacts / "corpus" / "clusters.jsonl", document.id),
        training=training,
    )
    if fate.training == "trained on":
        fate.encoder_steps = _encoder_steps(artifacts / "encoder", document.id)
        if is_artifact(artifacts / "embedding", stage="embedding"):
            fate.embedding_steps = embedding_lineage.steps_of_document(artifacts / "embedding", document.id)
    fate.passages = _passages(artifacts / "index", document.id)
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
    except (ArtifactError, InputError):  # not trained yet, or the document was too short to leave a token
        return []


def _passages(index: Path, identifier: str) -> int:
    try:
        manifest = read_manifest(index)
    except ArtifactError:  # not built yet
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


def _cluster(path: Path, identifier: str) -> list[dict[str, Any]]:
    if path.exists():
        for row in read_jsonl(path):
            if any(member["id"] == identifier for member in row["members"]):
                return list(row["members"])
    return []
