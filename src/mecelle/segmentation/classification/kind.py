"""The kind of a case, as the decision itself states it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from mecelle.base.config import Config, parse, read_plain
from mecelle.text.citations.mentions import plain

_STATED = re.compile(
    r"(?:^|(?<!\n)\n)\s*(?:suç(?:lar)?|dava türü|davanın konusu)\s*:\s*(?P<line>[^\n]{3,120})"
    r"|(?<!\w)(?:dava|uyuşmazlık),?\s(?P<asks>[^.;:\n]{3,200}?)\s(?:istem|taleb|dava)[^\W\d_]{1,6} ilişkindir"
    r"|taraflar(?:ı)? arasındaki\s(?P<between>[^.;:\n]{3,120}?)\s(?:davası|istemi|davaların)"
)


class _Row(Config):
    kind: str
    pattern: str


class _Table(Config):
    kinds: tuple[_Row, ...]


@dataclass(frozen=True)
class StatedKind:
    """A kind of case, and the words that say so: half-open characters."""

    kind: str
    start: int
    end: int


def stated_kind(text: str) -> StatedKind | None:
    """The kind of the first statement that the table knows.

    >>> found = stated_kind("Dava, trafik kazası nedeniyle maddi tazminat istemine ilişkindir.")
    >>> found.kind if found else None
    'damages'
    """
    for match in _STATED.finditer(plain(text)):
        told = match["line"] or match["asks"] or match["between"]
        for kind, pattern in _kinds():
            if pattern.search(told):
                return StatedKind(kind, match.start(), match.end())
    return None


def words_of_kinds(s: str) -> Iterator[tuple[int, int]]:
    """Where words that name any kind stand in `plain` text, whole words."""
    for _, pattern in _kinds():
        for match in pattern.finditer(s):
            start, end = match.span()
            while start > 0 and s[start - 1].isalpha():
                start -= 1
            while end < len(s) and s[end].isalpha():
                end += 1
            yield start, end


@cache
def _kinds() -> tuple[tuple[str, re.Pattern[str]], ...]:
    text = files("mecelle.segmentation.classification").joinpath("data", "kinds.yaml").read_text(encoding="utf-8")
    table = parse(_Table, {"kinds": read_plain(text)}, where="classification/data/kinds.yaml")
    return tuple((row.kind, re.compile(row.pattern)) for row in table.kinds)
