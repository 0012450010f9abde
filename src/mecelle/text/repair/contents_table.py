"""Tables of contents: titles, leaders, page numbers."""

import re
from collections.abc import Sequence
from itertools import pairwise

_DOT = "[.·_…]"
_LEADER = (
    rf"(?<!{_DOT})(?<!{_DOT}[ \t])(?:[.·_](?:[ \t]?{_DOT}){{2,}}+|…(?:[ \t]?{_DOT})*+)"
    r"|(?<![ \t])(?:\t[ \t]*+|[ ]{4,}+)"
)
_ENTRY = re.compile(rf"(?:{_LEADER})[ \t]*+(?P<page>\d{{1,4}}|[ivxlIVXL]{{1,7}})[ \t]*$")
_ENDS = frozenset("0123456789ivxlIVXL \t")
_LONGEST = 300  # characters of an entry
_TITLE = re.compile(r"[ \t]*(?:İÇİNDEKİLER|İçindekiler|İÇİNDEKİLER TABLOSU|FİHRİST|Fihrist)[ \t]*:?[ \t]*")
_LETTER = re.compile(r"[^\W\d_]")
_LEAST_ENTRIES = 3
_MOST_BETWEEN = 2  # lines between two entries: a blank one, or a title that takes two lines
_MOST_BACKWARD = 0.1  # share of the entries whose page is before that of the entry above


def remove_contents_tables(text: str) -> str:
    """The text without its tables of contents, the word İÇİNDEKİLER above them included.

    A table is three or more lines near each other that end in leaders (dots, underscores, a tab, wide space) and a page
    number, whose numbers do not fall. Tariffs (`..... 3,76`, `..... % 25`) and blanks to fill in are none. Idempotent.
    Source: Mecellem §3.2.2 (a class of failure of OCR).
    """
    lines = text.split("\n")
    entries = {at: page for at, line in enumerate(lines) if line[-1:] in _ENDS and (page := _page(line))}
    gone: set[int] = set()
    for block in _blocks(list(entries)):
        if _counts_up([entries[at] for at in block]):
            gone.update(range(_with_title(block[0], lines), block[-1] + 1))
    return "\n".join(line for at, line in enumerate(lines) if at not in gone) if gone else text


def _page(line: str) -> str | None:
    """The page that an entry names behind its title and leader; None if the line is no entry."""
    match = _ENTRY.search(line) if len(line) <= _LONGEST else None
    return match["page"] if match and _LETTER.search(line, 0, match.start()) else None


def _blocks(entries: Sequence[int]) -> list[list[int]]:
    """The lines of each group of entries that stand near each other."""
    blocks: list[list[int]] = []
    for at in entries:
        if blocks and at - blocks[-1][-1] <= _MOST_BETWEEN + 1:
            blocks[-1].append(at)
        else:
            blocks.append([at])
    return [block for block in blocks if len(block) >= _LEAST_ENTRIES]


def _counts_up(pages: Sequence[str]) -> bool:
    numbers = [int(page) for page in pages if page.isdigit()]
    backward = sum(after < before for before, after in pairwise(numbers))
    return len(set(numbers)) > 1 and backward <= _MOST_BACKWARD * len(numbers)


def _with_title(first: int, lines: Sequence[str]) -> int:
    """The line of the title above the table, if it has one."""
    for at in range(first - 1, max(-1, first - 5), -1):
        if _TITLE.fullmatch(lines[at]):
            return at
    return first
