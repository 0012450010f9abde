"""Headers and footers that run through all pages."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from rapidfuzz import fuzz

from mecelle.text.casing import fold
from mecelle.text.citations.decisions import CASE_NUMBER
from mecelle.text.dates import DATE
from mecelle.text.repair.page_numbers import page_number
from mecelle.text.repair.sentence_cuts import cutting_lines

_EDGE = 14  # printed lines at either edge of a page that may be header or footer
_PAGES_AROUND = 4  # pages looked at on either side: headers may alternate, or change with the chapter
_SHIFT = 2  # lines that OCR may add or lose above
_LEAST_LIKE = 85.0  # rapidfuzz ratio of two lines whose digits are all 0, 0..100
_LEAST_PAGES = 2  # others with a like line; one is enough in a document of few pages
_FEW_PAGES = 4
_MOST_GAP = 1  # unlike lines inside a header, such as the title of a chapter
_MOST_COUNTED = 1_899  # what is more may be a year
_SPACES = re.compile(r"\s+")
_OFFICIAL = re.compile(  # in folded text: what has a number of its own on every page, and does not count pages
    rf"{CASE_NUMBER}|{DATE}|\b(?:esas|karar|dosya|başvuru|madde|[ek]\s?[.:])\s*(?:no|numarası|sayısı)?\s*[.:]*\s*"
    rf"(?:{CASE_NUMBER}|\d+(?:[/-]\d+)*)"
    r"|\d+\s?\.\s?(?=[^\W\d])"  # 4. Hukuk Dairesi
)
_DIGITS = re.compile(r"\d+")

_LEAST_COPIES = 3
_HEAD_LINES = 5  # of a decision, where its own court and number stand
_LEAST_CUTTING = 0.6  # share of the copies
_LEAST_PAGE_CHARS = 700  # text between two copies
_LONGEST = 160  # characters of a header
_TITLE = re.compile(r"(?=.{8,160}$)(?:[^\w\n]*(?:\w{1,3}|[A-ZÇĞİÖŞÜÂÎÛ0-9]\w{3,})\b)+[^\w\n]*")
_COURT_HEADER = re.compile(
    r"^[^\W\d_][^\n]{3,80}(?:Daire|DAİRE|Dairesi|DAİRESİ|Mahkemesi|MAHKEMESİ|Kurulu|KURULU|Bölüm|BÖLÜM)[ \t]+"
    r"(?:E|Esas|ESAS)(?:\.|[ \t]No)?[ \t]?:?[ \t]?(?P<number>\d{4}/\d{1,6})[ \t]*$",
    re.MULTILINE,
)
_NUMBER = re.compile(r"\d{4}[ \t]?/[ \t]?\d{1,6}")
_CITED = re.compile(r"\s*(?:say[ıi]l[ıi]|numaral[ıi]|nolu|esas|karar|ilam|ilâm|dosya|ve|ile|tarih|gün)")
"""How a line goes on behind a number that belongs to its sentence."""


def remove_running_lines(pages: Sequence[str]) -> list[str]:
    """The pages without the headers and footers that come back on others with the same numbers, or such as count pages.

    A line with another case number, decision number or date than the copies is the page's own, and stays. The first
    copy of a header stays, since a title often stands nowhere else; a footer goes from every page. Lines count from the
    edge inwards only. Two pages are enough to tell in a short document, three in a longer one.
    """
    lines = [page.split("\n") for page in pages]
    gone: list[set[int]] = [set() for _ in pages]
    least = 1 if len(pages) <= _FEW_PAGES else _LEAST_PAGES
    for backwards in (False, True):
        edges = [_edge(page, backwards=backwards) for page in lines]
        keys = [[_key(lines[number][at]) for at in edge] for number, edge in enumerate(edges)]
        for number, edge in enumerate(edges):
            like = [_like_pages(keys, number, place) for place in range(len(edge))]
            inner = _inner_border([len(others) >= least for others in like])
            for at, others in zip(edge[:inner], like[:inner], strict=True):
                if others and (backwards or min(others) < number):
                    gone[number].add(at)
    return [
        "\n".join(line for at, line in enumerate(page) if at not in gone[number]) for number, page in enumerate(lines)
    ]


def remove_counted_pages(pages: Sequence[str]) -> list[str]:
    """The pages without a first or last line that counts them up, on two pages at least."""
    lines = [page.split("\n") for page in pages]
    shown: list[tuple[int, int, int]] = []  # page, line, number shown minus place of the page
    for number, page in enumerate(lines):
        edges = {*_edge(page, backwards=False)[:1], *_edge(page, backwards=True)[:1]}
        values = {at: page_number(page[at]) for at in edges}
        shown += [(number, at, value - number) for at, value in values.items() if value is not None]
    often = Counter(offset for _, _, offset in shown)
    gone = {(number, at) for number, at, offset in shown if often[offset] >= _LEAST_PAGES}
    return [
        "\n".join(line for at, line in enumerate(page) if (number, at) not in gone) for number, page in enumerate(lines)
    ]


def remove_headers(text: str) -> str:
    """A text whose page breaks are lost, without the headers that are left in it.

    That is: a line of court and case number alone (`Yargıtay 4. Hukuk Dairesi E. 2024/3494`) below the text's head, if
    the number stands in the head too or the line cuts a sentence in two; others name the court under review, or
    precedents. And a title, all of whose longer words have capitals, that comes three times or more, at the distance of
    pages and most times where it cuts a sentence in two. A line of a sentence that is wrapped and repeated stays.
    Idempotent.
    """
    lines = text.split("\n")
    if _COURT_HEADER.search(text):
        lines = _without_courts(lines)
    titles = {line for line, count in Counter(lines).items() if count >= _LEAST_COPIES and _TITLE.fullmatch(line)}
    gone = _repeated_titles(lines, titles) if titles else set()
    return "\n".join(line for at, line in enumerate(lines) if at not in gone)


def _without_courts(lines: Sequence[str]) -> list[str]:
    """Without lines of court and number: the decision's own first, then those that stand alone inside a sentence."""
    own = {"".join(number.split()) for line in lines[:_HEAD_LINES] for number in _NUMBER.findall(line)}
    headers = [_COURT_HEADER.fullmatch(line) for line in lines]
    left = [at for at, found in enumerate(headers) if at < _HEAD_LINES or not found or found["number"] not in own]
    lines, courts = [lines[at] for at in left], [bool(headers[at]) for at in left]
    alone = {
        at
        for at in range(_HEAD_LINES, len(lines) - 1)
        if courts[at] and not courts[at - 1] and not courts[at + 1] and not _CITED.match(lines[at + 1])
    }
    around = (at for at, line in enumerate(lines) if at in alone or page_number(line) is not None)
    gone = cutting_lines(lines, around) & alone
    return [line for at, line in enumerate(lines) if at not in gone]


def _repeated_titles(lines: Sequence[str], titles: Collection[str]) -> set[int]:
    places: dict[str, list[tuple[int, int]]] = {}  # of a title: lines, and characters before them
    position = 0
    for at, line in enumerate(lines):
        if line in titles:
            places.setdefault(line, []).append((at, position))
        position += len(line) + 1
    around = (
        at
        for at, line in enumerate(lines)
        if line in titles or page_number(line) is not None or _COURT_HEADER.fullmatch(line)
    )
    cutting = cutting_lines(lines, around)
    gone: set[int] = set()
    for found in places.values():
        near = any(after - before < _LEAST_PAGE_CHARS for (_, before), (_, after) in pairwise(found))
        cuts = {at for at, _ in found} & cutting
        if not near and len(cuts) >= _LEAST_CUTTING * len(found):
            gone |= cuts
    return gone


def _edge(page: Sequence[str], *, backwards: bool) -> list[int]:
    """The outermost lines of a page that are not blank, from the edge inwards, up to a long one or half of the page."""
    printed = [at for at, line in enumerate(page) if line.strip()]
    outermost = (printed[::-1] if backwards else printed)[: min(_EDGE, len(printed) // 2)]
    return list(takewhile(lambda at: len(page[at]) <= _LONGEST, outermost))


@dataclass(frozen=True, slots=True)
class _Key:
    """What lines are compared by: folded text whose digits are 0, official numbers, and other numbers in order."""

    text: str
    official: frozenset[str]
    others: tuple[int, ...]

    def is_like(self, other: "_Key", *, pages: int) -> bool:
        """Whether this line says nothing that `other` does not, `pages` pages further on (or back, if negative)."""
        if not (fuzz.ratio(self.text, other.text, score_cutoff=_LEAST_LIKE) and self.official <= other.official):
            return False
        if len(self.others) != len(other.others):  # a number that OCR did not read
            return set(self.others) <= set(other.others)
        return all(
            one == two or _counts(one, two, pages=pages) for one, two in zip(self.others, other.others, strict=True)
        )


def _key(line: str) -> _Key:
    folded = _SPACES.sub(" ", fold(line)).strip()
    return _Key(
        text=_DIGITS.sub("0", folded),
        official=frozenset(match.group().replace(" ", "") for match in _OFFICIAL.finditer(folded)),
        others=tuple(int(digits[-9:]) for digits in _DIGITS.findall(_OFFICIAL.sub(" ", folded))),
    )


def _counts(one: int, other: int, *, pages: int) -> bool:
    """Whether a number grows with the page: by one, or by two where pages are missing or stand two on a sheet."""
    grown = other - one if pages > 0 else one - other
    return max(one, other) <= _MOST_COUNTED and abs(pages) <= grown <= 2 * abs(pages)


def _like_pages(keys: Sequence[Sequence[_Key]], number: int, place: int) -> list[int]:
    """Other pages near page `number` that have a line like its line `place`, nearly as far from the edge."""
    key = keys[number][place]
    nearby = range(max(0, number - _PAGES_AROUND), min(len(keys), number + _PAGES_AROUND + 1))
    return [
        other
        for other in nearby
        if other != number
        and any(
            key.is_like(one, pages=other - number) for one in keys[other][max(0, place - _SHIFT) : place + _SHIFT + 1]
        )
    ]


def _inner_border(like: Sequence[bool]) -> int:
    """Number of lines from the edge up to the last like one that not more than a gap parts from the one before."""
    border = gap = 0
    for place, one in enumerate(like):
        gap = 0 if one else gap + 1
        if gap > _MOST_GAP:
            break
        border = place + 1 if one else border
    return border
