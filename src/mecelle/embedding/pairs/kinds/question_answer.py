"""Question (soru) -> its answer."""

from collections.abc import Iterator

from mecelle.base.document import Document
from mecelle.documents.passages import Passage
from mecelle.embedding.pairs.kinds import KINDS
from mecelle.embedding.pairs.record import Draft


@KINDS.register("question_answer.v1")
def question_answer(document: Document, passages: list[Passage], *, seed: int) -> Iterator[Draft]:
    """The question stands in the metadata, the answer is the text; of a long answer its first passage counts."""
    question = str(document.metadata.get("question") or "").strip()
    if document.metadata.get("kind") == "question" and question and passages:
        yield Draft(question, passages[0].text, document.id, document.id)
