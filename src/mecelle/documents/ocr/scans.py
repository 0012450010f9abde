"""The scanned pages of one file, for the reader of its format."""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from mecelle.documents.ocr.config import Ocr
from mecelle.documents.ocr.engine import ENDS, PageText
from mecelle.documents.ocr.pages import Page
from mecelle.documents.ocr.recognise import recognise
from mecelle.documents.records import Fault

NO_ENGINE = "scanned pages, and no engine to read them: give one, such as --ocr tesseract"


@dataclass(frozen=True, slots=True)
class Scans:
    """What an engine read in one file."""

    texts: dict[int, str]
    """Text by page number, lines as on the page; pages that ended as abort are not in it."""
    fields: dict[str, object] = field(default_factory=dict)
    """Metadata: `ocr_engine`, `ocr_pages` ("2-4, 7") and `ocr_ended` ("natural 3, length 1")."""
    faults: tuple[Fault, ...] = ()


def read_scans(pages: Iterable[Page], ocr: Ocr) -> Scans:
    """Read the scanned pages of one file. Faults: "ocr_abort" for each reason with the pages that it befell."""
    found: dict[int, PageText] = {}

    def keep(page: Page, text: PageText, was_kept: bool) -> None:
        found[page.number] = text

    recognise(pages, ocr, keep, in_flight=ocr.engine.in_flight(alone=False), log=f"extract-{os.getpid()}")
    counts = Counter(text.ended for text in found.values())
    ended = ", ".join(f"{end} {counts[end]}" for end in ENDS if counts[end])
    aborted: dict[str, list[int]] = {}
    for number in sorted(number for number, text in found.items() if not text.is_done):
        aborted.setdefault(found[number].error, []).append(number)
    return Scans(
        texts={number: found[number].text for number in sorted(found) if found[number].is_done},
        fields={"ocr_engine": ocr.engine.label, "ocr_pages": page_ranges(list(found)), "ocr_ended": ended},
        faults=tuple(
            Fault("ocr_abort", f"{error}; run again: what was read is kept", f"pages {page_ranges(numbers)}")
            for error, numbers in aborted.items()
        ),
    )


def page_ranges(numbers: list[int]) -> str:
    """Page numbers for a person.

    >>> page_ranges([7, 2, 3, 4])
    '2-4, 7'
    """
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
