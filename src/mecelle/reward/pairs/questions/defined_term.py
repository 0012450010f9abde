"""What a legal term means -> its definition (terim)."""

from collections.abc import Iterator

from mecelle.base.document import Document
from mecelle.embedding.pairs.kinds.term_definition import term_definition
from mecelle.reward.pairs.questions import KINDS
from mecelle.reward.pairs.record import Asked
from mecelle.reward.pairs.shortening import first_sentences


@KINDS.register("defined_term.v1")
def defined_term(document: Document, *, most_words: int, seed: int) -> Iterator[Asked]:
    """From entries of a dictionary, as the pair "term_definition.v1" reads them."""
    for draft in term_definition(document, [], seed=seed):
        answer = first_sentences(draft.document, most_words)
        if answer:
            yield Asked(f"{draft.query} ne demektir?", "", answer, document.id)
