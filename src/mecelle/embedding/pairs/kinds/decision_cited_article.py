"""A sentence of a decision that cites an article -> that article."""

from collections.abc import Iterator

from mecelle.base.document import Document
from mecelle.documents.passages import Passage
from mecelle.embedding.pairs.cited import CitedArticles
from mecelle.embedding.pairs.kinds import KINDS
from mecelle.embedding.pairs.record import Draft
from mecelle.text.citations import find_citations
from mecelle.text.sentences import sentence_spans
from mecelle.text.words import words

LEAST_WORDS, MOST_WORDS = 8, 60
"""Of the sentence without its citations: a shorter one says nothing but the number, a longer one is a list."""


@KINDS.register("decision_cited_article.v1")
def decision_cited_article(
    document: Document, passages: list[Passage], *, articles: CitedArticles, seed: int
) -> Iterator[Draft]:
    """The first sentence that cites an article and no other, without the citation itself: numbers would give it away.

    Source: the weak supervision of citing contexts, as for scientific papers (SPECTER, arXiv 2004.07180, §2).
    """
    if document.metadata.get("kind") != "decision":
        return
    date = document.metadata.get("date")
    citations = find_citations(document.text, date=str(date) if date else None)
    seen: set[str] = set()
    for start, end in sentence_spans(document.text):
        inside = [one for one in citations if start <= one.start and one.end <= end]
        keys = {key for one in inside if one.kind == "article" for key in articles.known(one.normalised)}
        if len(keys) != 1 or keys <= seen:
            continue
        sentence = _without(document.text, start, end, [(one.start, one.end) for one in inside])
        if LEAST_WORDS <= len(words(sentence)) <= MOST_WORDS:
            seen |= keys
            article = articles.get(keys.pop())
            yield Draft(sentence, article.text, document.id, article.document_id)


def _without(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> str:
    parts, place = [], start
    for left, right in spans:
        parts.append(text[place:left])
        place = right
    return " ".join("".join([*parts, text[place:end]]).split()).strip(" ,;:.")
