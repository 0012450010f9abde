"""Lineage in both directions: from a document to every step that saw it, from a step to every document it saw."""

from collections.abc import Collection, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, Field

from mecelle.base.artifacts import MARKER, is_artifact, read_record
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
from mecelle.segmentation import config as segmentation_config
from mecelle.segmentation import lineage as segmentation_lineage
from mecelle.training.lineage import Lineage

TEXTS = ("", "general_")
"""What goes before the artifacts of each text of a recipe: the law, and what a general model is trained on."""
HOLDING = ("documents", "corpus", "training", "balanced", "panel")
"""Artifacts with whole documents, in the order in which they are made."""
TRAINED_ON = "trained on"
LINEAGE = ("*/lineage", "*/phases/*/lineage")
"""Where the artifacts of a workspace tell what each step of a training, or of one of its phases, saw."""
_OF_MODELS = ("config.json", "modules.json", segmentation_config.PARAMETERS)


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
    steps: dict[str, list[int]] = Field(default_factory=dict)
    """Training -> its optimizer steps, from 1, that saw a text of it: "encoder", "decoder/phases/2"; of a sectioner,
    its epochs."""
    passages: int = 0
    """Its passages in the index."""
    takedowns: list[int] = Field(default_factory=list)
    """Numbers of the takedowns that name it."""


def trace(workspace: Path, name: str) -> list[Fate]:
    """The fate of every document that `name` names (`mecelle.recipes.naming`), or of a file that could not be read.

    Raises InputError if the workspace has read no such document, ArtifactError if it has read nothing yet.
    """
    folders = read_here(workspace)
    try:
        return fates(workspace, named(folders, name))
    except InputError:
        if failure := next((found for one in folders if (found := _failure(one / "failed.jsonl", name))), None):
            return [failure]
        raise


def read_here(workspace: Path) -> list[Path]:
    """The artifacts of stage "extract": every document that the workspace has read. Raises ArtifactError for none."""
    folders = [workspace / "artifacts" / f"{text}documents" for text in TEXTS]
    if found := [one for one in folders if is_artifact(one, stage="extract")]:
        return found
    raise ArtifactError(f"{workspace}: no documents have been read here yet; is it a workspace, and has it run?")


def fates(workspace: Path, documents: Iterable[Document]) -> list[Fate]:
    """The fate of each document."""
    documents = list(documents)
    held = shards_with(workspace, {document.id for document in documents})
    return [_fate(workspace, document, held[document.id]) for document in documents]


def documents_of_step(model: Path, step: int) -> list[dict[str, Any]]:
    """What one optimizer step of a model saw: ids of documents, or pairs; of a sectioner, what an epoch showed.

    Raises ArtifactError if the model has no lineage, InputError if it has no such step.
    """
    if any(is_artifact(model, stage=one) for one in embedding_lineage.STAGES):
        return embedding_lineage.pairs_of_step(model, step)
    if is_artifact(model, stage=segmentation_config.STAGE):
        return segmentation_lineage.decisions_of_epoch(model, step)
    return [{"document_id": identifier} for identifier in Lineage(model).documents_of(step)]


def shards_with(workspace: Path, identifiers: Collection[str]) -> dict[str, list[str]]:
    """The shards of the workspace that hold each document, as paths in the workspace."""
    found: dict[str, list[str]] = {one: [] for one in identifiers}
    for name in (f"{text}{one}" for text in TEXTS for one in HOLDING):
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
    texts = [text for text in TEXTS if any(one.startswith(f"artifacts/{text}documents/") for one in held)]
    # Of two texts that hold it, what matters is where it was kept, and where it was trained on.
    corpora = [_reason(artifacts / f"{text}corpus" / "dropped.jsonl.zst", document.id) for text in texts]
    corpus = "kept" if None in corpora or not corpora else str(corpora[0])
    training = [_training(workspace, document.id, text) for text in texts]
    trained = sorted(found.parent for pattern in LINEAGE for found in artifacts.glob(pattern))
    steps = {one.relative_to(artifacts).as_posix(): _steps(one, document) for one in trained}
    return Fate(
        id=document.id,
        source=str(document.metadata.get("source", "")),
        description=described(document),
        corpus=corpus,
        cluster=[one for text in texts for one in _cluster(artifacts / f"{text}corpus", document.id)],
        training="dropped before" if corpus != "kept" else min(training, key=lambda told: told != TRAINED_ON),
        shards=held,
        # Also of what is left out by now: a model is what it was when it was trained.
        models=_models(
            artifacts, steps, [one for one, told in zip(texts, training, strict=True) if told == TRAINED_ON]
        ),
        steps={name: seen for name, seen in steps.items() if seen},
        passages=_passages(artifacts / "index", document.id),
        takedowns=[
            row.number for row in read_takedowns(workspace / LOG) if document.id in {one.id for one in row.documents}
        ],
    )


def _training(workspace: Path, identifier: str, text: str) -> str:
    """Where a training set has the document, or why not. Late documents are not listed in it, by design."""
    training = workspace / "artifacts" / f"{text}training"
    if not is_artifact(training, stage="select"):
        return "not selected yet"
    if reason := _reason(training / "excluded.jsonl.zst", identifier):
        return reason
    settled = read_snapshot(workspace / f"{text}snapshot")
    return TRAINED_ON if identifier in settled else "came after the first run: mecelle run --retrain"


def _steps(model: Path, document: Document) -> list[int]:
    """The steps of one training that saw the document; of a sectioner, the epochs."""
    if any(is_artifact(model, stage=one) for one in embedding_lineage.STAGES):
        return embedding_lineage.steps_of_document(model, document.id)
    if is_artifact(model, stage=segmentation_config.STAGE):  # its decisions may bear the ids of their source
        names = {document.id, str(document.metadata.get("source_id", document.id))}
        return segmentation_lineage.epochs_of_decision(model, names)
    try:
        return Lineage(model).steps_of(document.id)
    except (ArtifactError, InputError):  # trained on other documents, or no model
        return []


def _models(artifacts: Path, steps: dict[str, list[int]], trained_on: Collection[str]) -> list[str]:
    """What has learned from a document: tokenizers of its text, models that saw it, and all that was made of them."""
    records = {one.name: read_record(one) for one in sorted(artifacts.iterdir()) if _is_model(one)}
    learned = {name.partition("/")[0] for name, seen in steps.items() if seen} & records.keys()
    made_of = {
        name: {Path(one.path).name for one in record.inputs.values()} for name, record in records.items() if record
    }
    while more := {name for name, of in made_of.items() if of & learned} - learned:
        learned |= more
    in_order = sorted(learned, key=lambda name: (record.started if (record := records[name]) else "", name))
    tokenizers = [f"{text}tokenizer" for text in trained_on]
    return [*(one for one in tokenizers if (artifacts / one / MARKER).exists()), *in_order]


def _is_model(artifact: Path) -> bool:
    """Whether transformers or sentence-transformers loads it, or it is a sectioner."""
    return (artifact / MARKER).exists() and any((artifact / one).exists() for one in _OF_MODELS)


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
