"""Summary of a decision (karar özeti), written by the court -> the passage that it is nearest to."""

from collections.abc import Iterator

from mecelle.base.document import Document
from mecelle.documents.passages import Passage
from mecelle.embedding.pairs.kinds import KINDS
from mecelle.embedding.pairs.nearest import nearest_passage
from mecelle.embedding.pairs.record import Draft


@KINDS.register("decision_summary.v1")
def decision_summary(document: Document, passages: list[Passage], *, seed: int) -> Iterator[Draft]:
    """The passage that shares most words with the summary, summary itself excepted."""
    summary = str(document.metadata.get("summary") or "").strip()
    if document.metadata.get("kind") == "decision" and summary:
        text = nearest_passage(summary, passages)
        if text:
            yield Draft(summary, text, document.id, document.id)
