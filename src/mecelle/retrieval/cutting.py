"""Documents as an index takes them in: cut into passages that keep to sections and articles, with what they cite."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mecelle.base.document import Document
from mecelle.documents.passages import passages
from mecelle.documents.records import Failure
from mecelle.retrieval.config import IndexConfig
from mecelle.retrieval.sections import SectionReader, SectionSpan
from mecelle.text.citations import Citation, find_citations

_TOGETHER = 32
"""Documents whose sections are read at a time, so that a model sees full batches."""
_OWN_ACTS = ("statute", "article", "regulation", "contract", "dictionary")
"""Kinds whose citations are not kept: acts cite themselves in every line, and nobody searches them by that."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage: half-open characters of the document, and what it is part of."""

    start: int
    end: int
    text: str
    heading: str | None
    article: str | None
    section: str | None


@dataclass(frozen=True, slots=True)
class CutDocument:
    """A document with its passages, sections and citations, all by characters of its text."""

    document: Document
    pieces: list[Piece]
    sections: tuple[SectionSpan, ...]
    citations: list[Citation]


class Cutter:
    """Cuts documents by the settings of an index."""

    def __init__(self, config: IndexConfig, sections: SectionReader | None = None) -> None:
        """sections: tells the sections of decisions; None: decisions are cut by length alone."""
        self.config, self.sections = config, sections

    def cut(self, found: Iterable[Document | Failure]) -> Iterator[CutDocument | Failure]:
        """Everything that was found, in order; a failure stays one."""
        items = iter(found)
        while batch := list(itertools.islice(items, _TOGETHER)):
            decisions = [one for one in batch if isinstance(one, Document) and one.metadata.get("kind") == "decision"]
            told = self.sections.read(decisions) if self.sections and decisions else [()] * len(decisions)
            by_id = dict(zip((one.id for one in decisions), told, strict=True))
            for one in batch:
                yield one if isinstance(one, Failure) else self._cut(one, by_id.get(one.id, ()))

    def _cut(self, document: Document, sections: tuple[SectionSpan, ...]) -> CutDocument:
        citations: list[Citation] = []
        if document.metadata.get("kind") not in _OWN_ACTS:
            citations = find_citations(document.text, date=document.metadata.get("date"))
        return CutDocument(document, list(self._pieces(document, sections)), sections, citations)

    def _pieces(self, document: Document, sections: tuple[SectionSpan, ...]) -> Iterator[Piece]:
        text, metadata, config = document.text, document.metadata, self.config
        if config.cutting == "fixed":
            sections, metadata = (), {}  # without a kind, nothing is cut at articles
        for label, start, end in _covering(sections, len(text)):
            part = Document(text=text[start:end], id=document.id, metadata=metadata)
            for one in passages(part, most_words=config.passage_words, overlap_words=config.overlap_words):
                yield Piece(start + one.start, start + one.end, one.text, one.heading, one.article, label)


def _covering(sections: Sequence[SectionSpan], length: int) -> Iterator[tuple[str | None, int, int]]:
    """The sections and what lies between them, so that no character is lost."""
    at = 0
    for one in sections:
        if at < one.start:
            yield None, at, one.start
        yield one.label, one.start, min(one.end, length)
        at = one.end
    if at < length:
        yield None, at, length
