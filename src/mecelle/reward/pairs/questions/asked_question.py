"""A question that somebody asked, with its answer (soru ve cevap); in the prompt the beginning of the answer."""

from collections.abc import Iterator

from mecelle.base.document import Document
from mecelle.base.seeds import generator
from mecelle.reward.pairs.questions import KINDS
from mecelle.reward.pairs.record import Asked
from mecelle.reward.pairs.shortening import first_sentences, first_words

_REFERENCE_WORDS = (0, 5, 10, 20)
"""Words of the answer in the prompt: as in the benchmark of Mecellem §4.4.5, where they are tokens up to 100."""


@KINDS.register("asked_question.v1")
def asked_question(document: Document, *, most_words: int, seed: int) -> Iterator[Asked]:
    """From documents of kind "question": the metadata `question`, and the text as its answer."""
    question = str(document.metadata.get("question") or "").strip()
    answer = first_sentences(document.text, most_words)
    if document.metadata.get("kind") == "question" and question and answer:
        number = int(generator(seed, "asked_question", document.id).choice(_REFERENCE_WORDS))
        yield Asked(question, first_words(answer, number), answer, document.id)
