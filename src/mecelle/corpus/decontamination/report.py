"""What was found of each evaluation set, and how much may have been too much."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from mecelle.base.artifacts import hash_input
from mecelle.corpus.decontamination.items import EvaluationSet, Item
from mecelle.corpus.decontamination.matching import Match

FILE = "decontamination.json"


class SetReport(BaseModel):
    """One evaluation set."""

    name: str
    hash: str | None
    """Of the file, as `mecelle.base.artifacts.hash_input` gives it: the gate compares it."""
    domain: str
    items: int
    touched: int = 0
    """Items that some document held: scores are told with and without them."""


class Overfiltering(BaseModel):
    """What may have been too strict. Source: Mecellem §3.2.3 asks to reduce it."""

    by_a_single_ngram: int = 0
    """Documents that left because of one n-gram of one item."""
    by_under_one_percent: int = 0
    """Documents that left although n-grams cover less than 1% of their words."""
    spared_by_generic_phrases: int = 0
    """Documents that stayed since all that they share are phrases that do not count."""


class Decontaminated(BaseModel):
    """Written into the artifact of stage "select"."""

    sets: list[SetReport] = Field(default_factory=list)
    documents: dict[str, int] = Field(default_factory=dict)
    """Documents that left, by method; a document counts under the first of its matches."""
    not_judged: int = 0
    """Items that are too short for n-grams and for near-copies."""
    overfiltering: Overfiltering = Overfiltering()

    def set_of(self, path: Path) -> SetReport | None:
        """The set that was read from a file of this content."""
        wanted = hash_input(path)
        return next((one for one in self.sets if one.hash == wanted), None)


class Tally:
    """Counts matches as they come."""

    def __init__(self, sets: Sequence[EvaluationSet], items: Sequence[Item], *, judged: int) -> None:
        counts = Counter(item.set for item in items)
        self.report = Decontaminated(
            sets=[
                SetReport(name=one.title, hash=hash_input(one.path), domain=one.domain, items=counts[one.title])
                for one in sets
            ],
            not_judged=len(items) - judged,
        )
        self._touched: set[tuple[str, str]] = set()

    def add(self, matches: Sequence[Match]) -> list[dict[str, Any]]:
        """Count the matches of one document; the rows of touched.jsonl for those that count."""
        counting = [match for match in matches if match.method != "generic_only"]
        over = self.report.overfiltering
        if not counting:
            over.spared_by_generic_phrases += bool(matches)
            return []
        first = counting[0].method
        self.report.documents[first] = self.report.documents.get(first, 0) + 1
        if all(match.method == "shared_ngram" for match in counting):
            over.by_a_single_ngram += sum(match.measured["grams"] for match in counting) == 1
            over.by_under_one_percent += max(match.measured["of_document"] for match in counting) < 0.01
        for match in counting:
            self._touch(match.item)
        return [
            {"set": match.item.set, "item": match.item.id, "method": match.method} | match.measured
            for match in counting
        ]

    def _touch(self, item: Item) -> None:
        if (item.set, item.id) not in self._touched:
            self._touched.add((item.set, item.id))
            for one in self.report.sets:
                one.touched += one.name == item.set
