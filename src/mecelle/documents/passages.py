"""Passages: pieces of a document that are searched, embedded and shown; acts by article, all else by paragraph."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from mecelle.base.document import Document
from mecelle.text.acts import article_keys, split_articles
from mecelle.text.sentences import sentence_spans
from mecelle.text.words import word_spans

MOST_WORDS = 220
OVERLAP_WORDS = 40

_ACT_KINDS = ("statute", "regulation", "contract")
_Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A piece of a document. `text == document.text[start:end]`."""

    id: str
    """`<document id>:<number of the passage>`, counted from 0."""
    document_id: str
    text: str
    start: int
    """Half-open character offsets in the document's text."""
    end: int
    heading: str | None = None
    """Of the article that the passage is from; for all else the document's own heading, if it has one."""
    article: str | None = None
    """`6098:m264`; the part before the colon is missing where the document has no law number."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is never cut: a sentence, or a piece of one that is too long."""

    start: int
    end: int
    words: int
    opens_paragraph: bool


def passages(document: Document, *, most_words: int = MOST_WORDS, overlap_words: int = OVERLAP_WORDS) -> list[Passage]:
    """The passages of a document, in order; every word is in at least one, but headings of articles in `heading` alone.

    Acts, regulations and contracts are cut by article, and what stands before the first or behind the last is apart.
    All else, and a long article, is packed from whole paragraphs; a paragraph of more than `most_words` from whole
    sentences; only a sentence of more than `most_words` is cut between words. Neighbours that were cut inside one
    paragraph share up to `overlap_words` of whole sentences.
    """
    assert 0 <= overlap_words < most_words
    found: list[Passage] = []
    for (start, end), heading, article in _regions(document):
        for left, right in _packed(_units(document.text, start, end, most_words), most_words, overlap_words):
            found.append(
                Passage(
                    id=f"{document.id}:{len(found)}",
                    document_id=document.id,
                    text=document.text[left:right],
                    start=left,
                    end=right,
                    heading=heading,
                    article=article,
                )
            )
    return found


def _regions(document: Document) -> Iterator[tuple[_Span, str | None, str | None]]:
    """Spans that no passage crosses, with heading and article: they cover the text but for headings of articles."""
    text, metadata = document.text, document.metadata
    articles = split_articles(text) if metadata.get("kind") in _ACT_KINDS else []
    if not articles:
        yield (0, len(text)), metadata.get("heading"), _own_article(document)
        return
    prefix = f"{metadata['law_number']}:" if metadata.get("law_number") else ""
    yield (0, articles[0].start), None, None
    for article, key in zip(articles, article_keys(articles), strict=True):
        yield (article.start, article.end), article.heading, prefix + key
    yield (articles[-1].end, len(text)), None, None


def _own_article(document: Document) -> str | None:
    """Of a document that is one article: its source's id if that has the form of one, else made from its fields."""
    metadata = document.metadata
    if metadata.get("kind") != "article":
        return None
    if ":" in str(metadata.get("source_id", "")):
        return str(metadata["source_id"])
    return f"{metadata.get('law_number', '')}:m{metadata.get('article', '')}".strip(":")


def _units(text: str, start: int, end: int, most_words: int) -> list[_Unit]:
    """Sentences of text[start:end] with their words counted; sentences do not cross line ends."""
    units: list[_Unit] = []
    position = start
    for line in text[start:end].splitlines(keepends=True):
        opens = True
        for left, right in sentence_spans(line):
            for piece_start, piece_end, words in _pieces(text[position + left : position + right], most_words):
                units.append(_Unit(position + left + piece_start, position + left + piece_end, words, opens))
                opens = False
        position += len(line)
    return units


def _pieces(sentence: str, most_words: int) -> Iterator[tuple[int, int, int]]:
    """A sentence whole, or cut before a word wherever it has `most_words`; (start, end, words)."""
    spans = word_spans(sentence)
    starts = [0, *(spans[first][0] for first in range(most_words, len(spans), most_words)), len(sentence)]
    for number, (left, right) in enumerate(pairwise(starts)):
        cut = sentence[left:right]
        if cut.strip():
            words = min(most_words, len(spans) - number * most_words)
            yield left, left + len(cut.rstrip()), words


def _packed(units: list[_Unit], most_words: int, overlap_words: int) -> Iterator[_Span]:
    """Spans of neighbouring units, at most `most_words` each."""
    total = [0, *accumulate(unit.words for unit in units)]
    first = done = 0  # the next span begins at unit `first`, and must hold unit `done`
    while done < len(units):
        end = done + 1
        while end < len(units) and total[end + 1] - total[first] <= most_words:
            end += 1
        end = _at_paragraph(units, total, done, end, most_words)
        yield units[first].start, units[end - 1].end
        first, done = _overlap(units, total, end, most_words, overlap_words), end


def _at_paragraph(units: list[_Unit], total: list[int], done: int, end: int, most_words: int) -> int:
    """`end`, or the start of the paragraph that it would cut, if that paragraph fits into one passage."""
    if end == len(units) or units[end].opens_paragraph:
        return end
    start = next(i for i in range(end, -1, -1) if units[i].opens_paragraph)
    stop = next((i for i in range(end, len(units)) if units[i].opens_paragraph), len(units))
    return start if start > done and total[stop] - total[start] <= most_words else end


def _overlap(units: list[_Unit], total: list[int], end: int, most_words: int, overlap_words: int) -> int:
    """First unit of the passage after `end`: back by whole sentences of the same paragraph, if the next still fits."""
    first = end
    if end == len(units):
        return first
    while (
        first > 0
        and not units[first].opens_paragraph
        and total[end] - total[first - 1] <= overlap_words
        and total[end + 1] - total[first - 1] <= most_words
    ):
        first -= 1
    return first
