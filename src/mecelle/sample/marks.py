"""Marks: values that remember where they stand while sentences are still being put together.

A marked value is wrapped in private-use characters; `Marks.settle` takes them out of the finished text and says
where each value ended up. So no offset has to be carried through templates, paragraphs and headings.
"""

import re
from dataclasses import dataclass, field
from typing import Final

_OPEN: Final = "\ue000"
_BAR: Final = "\ue001"
_CLOSE: Final = "\ue002"
_TOKEN: Final = re.compile(f"{_OPEN}(\\d+){_BAR}|{_CLOSE}")


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked stretch of the settled text: half-open character offsets, what it is and its value."""

    kind: str
    value: str
    start: int
    end: int


@dataclass(slots=True)
class Marks:
    """The register of marked values of one document."""

    entries: list[tuple[str, str]] = field(default_factory=list)

    def wrap(self, kind: str, value: str, text: str) -> str:
        """`text` with a mark around it, to be found again by `settle`."""
        self.entries.append((kind, value))
        return f"{_OPEN}{len(self.entries) - 1}{_BAR}{text}{_CLOSE}"

    def settle(self, text: str) -> tuple[str, tuple[Mark, ...]]:
        """The text without its marks, and the marks in the order of their starts."""
        out: list[str] = []
        length = last = 0
        open_marks: list[tuple[int, int]] = []
        found: list[Mark] = []
        for match in _TOKEN.finditer(text):
            piece = text[last : match.start()]
            out.append(piece)
            length += len(piece)
            last = match.end()
            if match.group(1) is not None:
                open_marks.append((int(match.group(1)), length))
            else:
                entry, start = open_marks.pop()
                kind, value = self.entries[entry]
                found.append(Mark(kind, value, start, length))
        assert not open_marks, "a mark was opened and not closed"
        out.append(text[last:])
        return "".join(out), tuple(sorted(found, key=lambda mark: (mark.start, -mark.end, mark.kind)))


def bare(text: str) -> str:
    """`text` without any marks."""
    return _TOKEN.sub("", text)
