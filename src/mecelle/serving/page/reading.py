"""A document as the page shows it: sections, paragraphs, links, and what is cited in the margin."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mecelle.serving import views
from mecelle.serving.page.form import article_address, cited_address
from mecelle.serving.page.marking import Link, Piece, Span, blocks, pieces
from mecelle.text.casing import fold
from mecelle.text.citations import article_of

_MOST_MARKED = 0.5
_NUMBER = re.compile(r":[ekb](\d{4}/[\d-]+)")


@dataclass(frozen=True, slots=True)
class Note:
    """Something cited that the collection holds, beside the paragraph that cites it first."""

    label: str
    address: str
    article: views.ArticleView | None
    """None for a decision."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of the document."""

    pieces: list[Piece]
    notes: list[Note]
    begins_passage: bool
    """Whether the passage that was looked for begins here."""
    is_found: bool
    """Whether it lies in that passage from end to end."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section, or text between sections."""

    label: str | None
    number: int
    paragraphs: list[Paragraph]


def article_keys(citations: Iterable[views.CitationView]) -> list[str]:
    """The articles that a document cites and the collection holds, each once, in the order of the text."""
    return list(dict.fromkeys(_article(one) for one in citations if one.kind == "article" and one.is_held))


def lay_out(
    document: views.DocumentView, articles: Mapping[str, views.ArticleView], passage: Span | None
) -> list[Section]:
    """The document by sections and paragraphs. `articles`: what `article_keys` names, as far as it was found."""
    whole = document.text
    shift = document.start
    held = [one for one in document.citations if one.is_held and not _is_own(one, document)]
    links = [Link(one.start - shift, one.end - shift, _address(one, document.date)) for one in held]
    first, last = (passage[0] - shift, passage[1] - shift) if passage else (0, 0)
    # What is most of the text stands out of nothing: it is reached, and not marked.
    is_marked = last - first <= _MOST_MARKED * len(whole)
    waiting = sorted(held, key=lambda one: one.start)
    seen: set[str] = set()
    sections: list[Section] = []
    is_shown = False
    spans = [(one.label, one.start - shift, one.end - shift) for one in document.sections]
    for number, block in enumerate(blocks(whole, spans)):
        paragraphs = []
        for start, end in block.lines:
            here = [one for one in waiting if start <= one.start - shift < end]
            begins = not is_shown and first < end and last > start
            is_shown |= begins
            notes = _notes(here, document, articles, seen)
            is_found = is_marked and first <= start and end <= last
            marks = [(first, last)] if is_marked and not is_found else []
            paragraphs.append(Paragraph(pieces(whole, start, end, marks=marks, links=links), notes, begins, is_found))
        sections.append(Section(block.label, number, paragraphs))
    return sections


def _notes(
    cited: Sequence[views.CitationView],
    document: views.DocumentView,
    articles: Mapping[str, views.ArticleView],
    seen: set[str],
) -> list[Note]:
    notes: list[Note] = []
    for one in cited:
        key = _article(one) if one.kind == "article" else one.key
        article = articles.get(key)
        if key in seen or one.kind == "law" or (one.kind == "article" and article is None):
            continue
        seen.add(key)
        said = document.text[one.start - document.start : one.end - document.start]
        notes.append(Note(article.citation if article else said, _address(one, document.date), article))
    return notes


def _is_own(one: views.CitationView, document: views.DocumentView) -> bool:
    """Whether a decision's own heading names it."""
    numbers = set(_NUMBER.findall(one.key)) if one.kind == "decision" else set()
    return bool(numbers) and numbers <= {document.case_number, document.decision_number}


def _article(one: views.CitationView) -> str:
    return fold(article_of(one.key))


def _address(one: views.CitationView, day: str | None) -> str:
    return article_address(one.key, on=day) if one.kind == "article" else cited_address(one.kind, one.key)
