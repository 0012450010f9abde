"""The outline of an act: parts (kısım, bölüm, ...) and numbered headings (A., I., 1., a.) before its articles."""

import re
from collections.abc import Sequence

from mecelle.text.casing import fold

_HEADING_CHARS = 200
_PART = re.compile(r"(?:\S+\s+){0,2}?(kitap|kısım|bölüm|ayırım|ayrım|fasıl|bap|bab)\b\s*[:.\-–]?\s*(.*)")
_PART_LEVELS = {"kitap": 0, "kısım": 1, "bap": 2, "bab": 2, "bölüm": 2, "fasıl": 3, "ayırım": 3, "ayrım": 3}
_NUMBERED = (  # each kind of number one level deeper; roman before letters, for I. and V.
    re.compile(r"[IVX]+\s?[.)\-–]\s?\S"),
    re.compile(r"[A-ZÇĞİÖŞÜ]\s?[.)\-–]\s?\S"),
    re.compile(r"\d{1,2}\s?[.)\-–]\s?[^\W\d_]"),
    re.compile(r"[a-zçğıöşü]\s?[.)\-–]\s?[A-ZÇĞİÖŞÜ(\"“]"),
    re.compile(r"([a-zçğıöşü])\1\s?[.)\-–]\s?[A-ZÇĞİÖŞÜ(\"“]"),
    re.compile(r"([a-zçğıöşü])\1\1\s?[.)\-–]\s?[A-ZÇĞİÖŞÜ(\"“]"),
)
_NUMBERED_LEVELS = (11, 10, 12, 13, 14, 15)
# What stands between the title of an act and its first article, page numbers, and paragraphs of the article before.
_NO_HEADING = re.compile(
    r"\d+$|[(\[\"“]|[-–—•*]"
    r"|(?:kanun[ıu]?n?\s+(?:numarası|no)|kararname'nin|kabul tarihi|yayımlandığı|resm[iî] gazete|düstur|tertip)\b"
)


def is_heading_line(line: str) -> bool:
    """Whether the line may be a heading before an article: short, no sentence, no clause, no datum of the act."""
    folded = fold(line)
    if len(line) > _HEADING_CHARS or not line or _NO_HEADING.match(folded):
        return False
    return not line.endswith((".", ";", ",", "!", "?")) and (not line[0].islower() or _numbered_level(line) is not None)


def _numbered_level(line: str) -> int | None:
    for pattern, level in zip(_NUMBERED, _NUMBERED_LEVELS, strict=True):
        if pattern.match(line):
            return level
    return None


class Outline:
    """The headings that are open at a place of the act; `place` moves it on by the heading lines of one article."""

    def __init__(self) -> None:
        self._open: list[tuple[int, str]] = []

    def place(self, lines: Sequence[str]) -> tuple[tuple[str, ...], str | None]:
        """Path (outermost first) and heading of the article behind `lines`; the heading is not in the path."""
        loose: list[str] = []  # headings without a number: they hold for this article alone
        leaf: str | None = None
        rest = list(lines)
        while rest:
            line = rest.pop(0)
            part = _PART.fullmatch(fold(line))
            if part:
                if not part[2] and rest and _is_title(rest[0]):
                    line += " " + rest.pop(0)
                leaf = self._enter(_PART_LEVELS[part[1]], line)
            elif (level := _numbered_level(line)) is not None:
                leaf = self._enter(level, line)
            else:
                loose.append(line)
        if loose and leaf is None:  # acts with a numbered outline number all of it: this heading closes it
            self._open = [one for one in self._open if one[0] < min(_NUMBERED_LEVELS)]
        if loose:
            return (*(name for _, name in self._open), *loose[:-1]), loose[-1]
        if leaf is not None and self._open[-1][0] >= min(_NUMBERED_LEVELS):
            return tuple(name for _, name in self._open[:-1]), leaf
        return tuple(name for _, name in self._open), None

    def _enter(self, level: int, name: str) -> str:
        self._open = [one for one in self._open if one[0] < level]
        self._open.append((level, name))
        return name


def _is_title(line: str) -> bool:
    return _PART.fullmatch(fold(line)) is None and _numbered_level(line) is None
