"""Subject of a decision (konu) -> the passage that it is nearest to."""

from collections.abc import Iterator

from mecelle.base.document import Document
from mecelle.documents.passages import Passage
from mecelle.embedding.pairs.kinds import KINDS
from mecelle.embedding.pairs.nearest import nearest_passage
from mecelle.embedding.pairs.record import Draft


@KINDS.register("decision_subject.v1")
def decision_subject(document: Document, passages: list[Passage], *, seed: int) -> Iterator[Draft]:
    """Subjects that many decisions share are taken out later, as ambiguous queries."""
    subject = str(document.metadata.get("subject") or document.metadata.get("topic") or "").strip()
    if document.metadata.get("kind") == "decision" and subject:
        text = nearest_passage(subject, passages)
        if text:
            yield Draft(subject, text, document.id, document.id)
