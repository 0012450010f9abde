"""Heading of an article (madde başlığı) -> its text."""

from collections.abc import Iterator

from mecelle.base.document import Document
from mecelle.documents.passages import Passage
from mecelle.embedding.pairs.articles import first_pieces
from mecelle.embedding.pairs.kinds import KINDS
from mecelle.embedding.pairs.record import Draft


@KINDS.register("article_heading.v1")
def article_heading(document: Document, passages: list[Passage], *, seed: int) -> Iterator[Draft]:
    """ "Kiracının temerrüdü" -> "MADDE 315 - Kiracı ...". The heading's own line never stands in the text."""
    for piece in first_pieces(document, passages):
        if piece.heading:
            yield Draft(piece.heading, piece.text, document.id, document.id)
