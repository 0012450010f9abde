"""Articles of an act as pairs need them: the text without its heading and section lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mecelle.base.document import Document
from mecelle.documents.passages import Passage
from mecelle.text.casing import fold, title, upper
from mecelle.text.unicode import nfc
from mecelle.text.words import words

_MARKER = re.compile(r"((?:ek|geçici|mükerrer)\s+)*madde\s+\d+\S*\s*[-–—]?\s*")
"""In folded text: the beginning of an article."""
_REPEALED = re.compile(r"(?:\(\d+\)\s*)?\(?(?:mülga|iptal)\b")
MOST_REPEALED_WORDS = 25
"""A longer text says more than that it was repealed."""

ACT_KINDS = ("statute", "article", "regulation", "contract")


@dataclass(frozen=True)
class ArticlePiece:
    """The first piece of an article."""

    heading: str
    """"" where the article has none."""
    text: str


def act_title(document: Document) -> str:
    """Title of the act in title case ("Türk Borçlar Kanunu"), "" if it is not known or the document is no act."""
    if document.metadata.get("kind") not in ACT_KINDS:
        return ""
    name = " ".join(str(document.metadata.get("title") or "").split())
    return title(name) if name == upper(name) else nfc(name)


def first_pieces(document: Document, passages: list[Passage]) -> Iterator[ArticlePiece]:
    """The first passage of each article of an act, in order; later passages seldom answer to the heading alone."""
    if document.metadata.get("kind") not in ACT_KINDS:
        return
    seen: set[str] = set()
    for passage in passages:
        if passage.article is None or passage.article in seen:
            continue
        seen.add(passage.article)
        heading = " ".join((passage.heading or str(document.metadata.get("heading") or "")).split()).rstrip(" :.-–—")
        yield ArticlePiece(heading, without_lines(passage.text, heading))


def without_lines(text: str, heading: str) -> str:
    """The text without leading lines that only repeat the heading or a part of it."""
    lines = text.strip().split("\n")
    key = _key(heading)
    while key and len(lines) > 1 and (not lines[0].strip() or _key(lines[0]) in key):
        lines = lines[1:]
    return "\n".join(lines).strip()


def begins_article(text: str) -> bool:
    """Whether the text begins with an article's marker, such as "Geçici Madde 2 –"."""
    return _MARKER.match(fold(text)) is not None


def is_repealed(text: str) -> bool:
    """Whether the text is an article that only says that it was repealed (mülga) or annulled (iptal)."""
    folded = fold(text)
    marker = _MARKER.match(folded)
    said = _REPEALED.match(folded, marker.end()) if marker else None
    return said is not None and len(words(text)) <= MOST_REPEALED_WORDS


def _key(line: str) -> str:
    return " ".join(fold(line).split()).strip(" :.-–—")
