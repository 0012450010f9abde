"""Title of an act and heading of an article -> its text: tells apart the headings that many acts share."""

from collections.abc import Iterator

from mecelle.base.document import Document
from mecelle.documents.passages import Passage
from mecelle.embedding.pairs.articles import act_title, first_pieces
from mecelle.embedding.pairs.kinds import KINDS
from mecelle.embedding.pairs.record import Draft


@KINDS.register("act_and_heading.v1")
def act_and_heading(document: Document, passages: list[Passage], *, seed: int) -> Iterator[Draft]:
    """ "Türk Borçlar Kanunu kiracının temerrüdü" -> "MADDE 315 - Kiracı ..."."""
    title = act_title(document)
    if title:
        for piece in first_pieces(document, passages):
            if piece.heading:
                yield Draft(f"{title}, {piece.heading}", piece.text, document.id, document.id)
