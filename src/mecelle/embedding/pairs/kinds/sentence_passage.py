"""A sentence of a passage -> the rest of the passage (inverse cloze): pairs for texts without headings or summaries."""

from collections.abc import Iterator

from mecelle.base.document import Document
from mecelle.base.seeds import generator
from mecelle.documents.passages import Passage
from mecelle.embedding.pairs.articles import begins_article
from mecelle.embedding.pairs.kinds import KINDS
from mecelle.embedding.pairs.record import Draft
from mecelle.text.sentences import sentence_spans
from mecelle.text.words import words

LEAST_SENTENCES = 3
LEAST_WORDS, MOST_WORDS = 6, 40


@KINDS.register("sentence_passage.v1")
def sentence_passage(document: Document, passages: list[Passage], *, seed: int) -> Iterator[Draft]:
    """One sentence of 6 to 40 words, drawn by the seed, and the passage without it.

    Source: Lee et al. 2019 (arXiv 1906.00300), §5, with the sentence always taken out of the passage.
    """
    rng = generator(seed, "sentence_passage", document.id)
    for passage in passages:
        spans = sentence_spans(passage.text)
        fit = [(start, end) for start, end in spans if _is_query(passage.text[start:end])]
        if len(spans) < LEAST_SENTENCES or not fit:
            continue
        start, end = fit[int(rng.integers(len(fit)))]
        rest = f"{passage.text[:start].rstrip()} {passage.text[end:].lstrip()}".strip()
        yield Draft(passage.text[start:end].strip(), rest, document.id, document.id)


def _is_query(sentence: str) -> bool:
    return LEAST_WORDS <= len(words(sentence)) <= MOST_WORDS and not begins_article(sentence)
