"""Texts cut into pieces that a template escapes one by one: marked words, links, sections, paragraphs.

No function here writes markup.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Span = tuple[int, int]
"""Half-open characters."""

_LINE = re.compile(r"[^\n]*\S[^\n]*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text under one link at most."""

    text: str
    is_marked: bool = False
    link: str | None = None
    """Address to go to."""


@dataclass(frozen=True, slots=True)
class Link:
    """A place of a text that leads somewhere."""

    start: int
    end: int
    address: str


@dataclass(frozen=True, slots=True)
class Block:
    """A section, or what lies between sections."""

    label: str | None
    """One of mecelle.sample.records.SECTION_LABELS."""
    lines: tuple[Span, ...]
    """Its lines that say something, by characters of the whole text."""


def pieces(text: str, start: int, end: int, *, marks: Sequence[Span] = (), links: Sequence[Link] = ()) -> list[Piece]:
    """The characters `start` to `end` of a text, cut where a mark or a link begins or ends.

    Marks with nothing but space between them become one; of links that overlap, the first is kept.
    """
    inside = _joined(text, [(max(a, start), min(b, end)) for a, b in marks if a < end and b > start])
    ways = _apart([one for one in links if one.start < end and one.end > start])
    edges = {start, end, *(edge for span in inside for edge in span)}
    edges |= {min(max(edge, start), end) for way in ways for edge in (way.start, way.end)}
    found = []
    cuts = sorted(edges)
    for left, right in pairwise(cuts):
        way = next((one.address for one in ways if one.start <= left < one.end), None)
        found.append(Piece(text[left:right], any(a <= left < b for a, b in inside), way))
    return found


def _joined(text: str, marks: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(marks):
        if joined and not text[joined[-1][1] : start].strip():
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _apart(links: Sequence[Link]) -> list[Link]:
    kept: list[Link] = []
    for one in sorted(links, key=lambda link: (link.start, link.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def excerpt(text: str, spans: Sequence[Span], *, most: int) -> Span:
    """The stretch of at most about `most` characters that holds the most marked words; it begins and ends at words."""
    if len(text) <= most:
        return 0, len(text)
    starts = [start for start, _ in spans]
    counts = [bisect_right(starts, start + most) - place for place, start in enumerate(starts)]
    best = starts[counts.index(max(counts))] if counts else 0
    begin = min(max(0, best - most // 6), len(text) - most)
    if begin > 0:
        begin = text.find(" ", begin) + 1 or begin
    end = text.rfind(" ", begin, begin + most) if begin + most < len(text) else len(text)
    return begin, end if end > begin else min(len(text), begin + most)


def blocks(text: str, sections: Sequence[tuple[str, int, int]], *, start: int = 0) -> list[Block]:
    """A text, or the part of a document that begins at `start`, by sections of the document (label, start, end)."""
    stop = start + len(text)
    found: list[Block] = []
    at = start
    for label, begin, end in (*sections, (None, stop, stop)):
        begin, end = min(max(begin, at), stop), min(max(end, at), stop)
        for name, left, right in ((None, at, begin), (label, begin, end)):
            lines = tuple(
                (match.start() + start, match.end() + start)
                for match in _LINE.finditer(text, left - start, right - start)
            )
            if lines:
                found.append(Block(name, lines))
        at = max(at, end)
    return found
