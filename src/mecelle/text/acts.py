"""The articles (madde) of an act, a decree or a regulation, with their headings and their place in its outline."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from mecelle.text.casing import fold
from mecelle.text.outline import Outline, is_heading_line

Kind = Literal["madde", "geçici madde", "ek madde", "ek geçici madde", "mükerrer madde"]

_MARKER = re.compile(
    r"^[ \t]*(?P<label>(?:(?P<kind>ek\s+geçici|geçici|ek|mükerrer)\s+)?madde)\s+"
    r"(?P<number>\d+(?:\s?/\s?[^\W\d_](?![^\W_]))?)\s*[-–—:.]",
    re.IGNORECASE | re.MULTILINE,
)
# What publishers print behind an act: footnotes, and the table of the acts that amended it.
_TAIL = re.compile(
    r"^[^\S\n]*+(?:\[\d+\]"
    r"|[^\n]{0,200}(?:yürürlüğe\s+giriş\s+tarih|ek\s+ve\s+değişiklik|değişiklik\s+getiren|işlenemeyen))",
    re.IGNORECASE | re.MULTILINE,
)
_MOST_HEADING_LINES = 12  # a whole chain: part, chapter, section with their titles, and the outline down to the article


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article; `text` is ``s[start:end]`` of the act and begins with the article's marker, behind the heading.

    `number` is as written without spaces (``264``, ``10/A``). `path` names the parts of the act around the article,
    outermost first, without its own `heading`. `label` is the word before the number as written (``GEÇİCİ MADDE``).
    """

    number: str
    heading: str | None
    text: str
    path: tuple[str, ...]
    start: int
    end: int
    kind: Kind
    label: str


def split_articles(text: str) -> list[Article]:
    """The articles of an act in order, by their markers at a line start.

    Markers are ``MADDE 1 –``, ``Geçici Madde 2-``, ``Ek Madde 3 –``, ``Mükerrer Madde 4 -``, ``MADDE 10/A –``. What
    stands before the first article (title, dates) and behind the last (footnotes, the table of amendments) is in none;
    a text without articles gives none.

    >>> act = "Amaç\\n\\nMADDE 1 - Bu Kanun.\\n\\nKapsam\\n\\nMADDE 2- Herkes."
    >>> [(article.number, article.heading, article.text) for article in split_articles(act)]
    [('1', 'Amaç', 'MADDE 1 - Bu Kanun.'), ('2', 'Kapsam', 'MADDE 2- Herkes.')]
    """
    markers = list(_MARKER.finditer(text))
    if not markers:
        return []
    ends = [0, *(marker.end() for marker in markers)]
    headings = [_heading_lines(text, end, marker.start()) for end, marker in zip(ends, markers, strict=False)]
    tail = _TAIL.search(text, ends[-1])
    starts_of_next = [start for start, _ in headings[1:]] + [tail.start() if tail else len(text)]
    outline = Outline()
    articles = []
    for marker, (_, lines), limit in zip(markers, headings, starts_of_next, strict=True):
        start = marker.start("label")
        body = text[start:limit].rstrip()
        path, heading = outline.place(lines)
        articles.append(
            Article(
                number="".join(marker["number"].split()),
                heading=heading,
                text=body,
                path=path,
                start=start,
                end=start + len(body),
                kind=_kind(marker["kind"]),
                label=" ".join(marker["label"].split()),
            )
        )
    return articles


def _kind(prefix: str | None) -> Kind:
    return cast(Kind, f"{' '.join(fold(prefix).split())} madde" if prefix else "madde")


def _heading_lines(text: str, after: int, before: int) -> tuple[int, list[str]]:
    """The lines right before the marker at `before` that may be headings, and the offset at which they begin.

    `after` is the end of the marker before: its own line is text, never a heading.
    """
    first_line_end = text.find("\n", after, before) if after else after
    lines: list[str] = []
    at = before
    while first_line_end >= 0 and at > first_line_end and len(lines) < _MOST_HEADING_LINES:
        end = len(text[max(first_line_end, at - 4) : at].rstrip()) + max(first_line_end, at - 4)
        start = text.rfind("\n", first_line_end, end) + 1 or first_line_end
        line = text[start:end].strip()
        if not is_heading_line(line):
            break
        lines.insert(0, line)
        at = start
    return at, lines


def article_keys(articles: Sequence[Article]) -> list[str]:
    """Keys of all articles of one act, in order: `article_key`, with ``#2``, ``#3`` where a number comes again.

    Acts that amend others carry transitional articles with the numbers of their own.
    """
    seen: Counter[str] = Counter()
    keys = []
    for key in map(article_key, articles):
        seen[key] += 1
        keys.append(key if seen[key] == 1 else f"{key}#{seen[key]}")
    return keys


def article_key(article: Article) -> str:
    """The part of an article id behind ``law_number:``, label as written: ``m264``, ``m10/A``, ``mGeçici_2``."""
    prefix = article.label.rpartition(" ")[0]
    return "m" + "_".join([*prefix.split(), article.number])
