"""Question -> the articles that its answer cites."""

from collections.abc import Iterator

from mecelle.base.document import Document
from mecelle.documents.passages import Passage
from mecelle.embedding.pairs.cited import CitedArticles
from mecelle.embedding.pairs.kinds import KINDS
from mecelle.embedding.pairs.record import Draft

MOST_CITED = 3
"""An answer that cites more articles does not say which one decides."""


@KINDS.register("question_cited_article.v1")
def question_cited_article(
    document: Document, passages: list[Passage], *, articles: CitedArticles, seed: int
) -> Iterator[Draft]:
    """Citations come from the metadata `citations` ("HMK m.124"), else from the text of the answer."""
    question = str(document.metadata.get("question") or "").strip()
    if document.metadata.get("kind") != "question" or not question:
        return
    said = document.metadata.get("citations") or ()
    text = "; ".join(map(str, said)) if isinstance(said, list | tuple) else str(said)
    found = articles.cited_in(text or document.text)
    if len(found) <= MOST_CITED:
        for article in found:
            yield Draft(question, article.text, document.id, article.document_id)
