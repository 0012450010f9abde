"""Where the sections of a decision come from: a sectioner, or a file that one wrote. Known by their form alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mecelle.base.artifacts import hash_input
from mecelle.base.collection import read_jsonl
from mecelle.base.document import Document
from mecelle.base.errors import InputError
from mecelle.sample.records import SECTION_LABELS


@dataclass(frozen=True, slots=True)
class SectionSpan:
    """A section of a decision: half-open character offsets."""

    label: str
    """One of mecelle.sample.records.SECTION_LABELS."""
    start: int
    end: int


class SectionReader(Protocol):
    """Tells the sections of documents."""

    @property
    def fingerprint(self) -> str:
        """Changes when its answers may change; an index is then cut anew."""

    def read(self, documents: Sequence[Document]) -> list[tuple[SectionSpan, ...]]:
        """The sections of each document, sorted and disjoint; () where none are known."""


class SectionsOfFile:
    """Sections that `mecelle segment apply` wrote: JSON lines of `id` and `sections` of label, start, end."""

    def __init__(self, path: Path) -> None:
        """Raises InputError with the line if a row has another form, a label is unknown or spans overlap."""
        self.fingerprint = str(hash_input(path))
        self._by_id: dict[str, tuple[SectionSpan, ...]] = {}
        for number, row in enumerate(read_jsonl(path), start=1):
            try:
                spans = [SectionSpan(str(one["label"]), int(one["start"]), int(one["end"])) for one in row["sections"]]
                self._by_id[row["id"]] = checked(spans)
            except (KeyError, TypeError, ValueError) as error:
                raise InputError(f"{path}:{number}: {error!s}: expected id and sections of label, start, end") from None

    def read(self, documents: Sequence[Document]) -> list[tuple[SectionSpan, ...]]:
        """As `SectionReader.read`; documents are known by their ids, which hold a hash of the text."""
        return [self._by_id.get(document.id, ()) for document in documents]


def checked(spans: Sequence[SectionSpan]) -> tuple[SectionSpan, ...]:
    """The spans, sorted. Raises InputError for an unknown label, an empty span or two that overlap."""
    found, end = sorted(spans, key=lambda one: one.start), 0
    for one in found:
        if one.label not in SECTION_LABELS:
            raise InputError(f"section '{one.label}' is unknown. Allowed: {', '.join(SECTION_LABELS)}")
        if not end <= one.start < one.end:
            raise InputError(f"section {one.label} {one.start}:{one.end} is empty or overlaps the one before")
        end = one.end
    return tuple(found)
