"""Term of a legal dictionary (terim) -> its definition."""

import re
from collections.abc import Iterator

from mecelle.base.document import Document
from mecelle.documents.passages import Passage
from mecelle.embedding.pairs.kinds import KINDS
from mecelle.embedding.pairs.record import Draft
from mecelle.text.casing import fold


@KINDS.register("term_definition.v1")
def term_definition(document: Document, passages: list[Passage], *, seed: int) -> Iterator[Draft]:
    """The term, from the metadata `term`, `title` or `heading`, is cut from the beginning of the definition."""
    if document.metadata.get("kind") != "dictionary":
        return
    term = next(
        (str(document.metadata[name]) for name in ("term", "title", "heading") if document.metadata.get(name)), ""
    )
    definition = str(document.metadata.get("definition") or document.text)
    if term and fold(definition[: len(term)]) == fold(term) and not definition[len(term) : len(term) + 1].isalpha():
        definition = re.sub(r"^[\s:;,.\-–—]+", "", definition[len(term) :])
    if term and definition.strip():
        yield Draft(term.strip(), definition.strip(), document.id, document.id)
