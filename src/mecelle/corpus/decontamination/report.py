"""What was found of each evaluation set, and how much may have been too much."""

from collections import Counter
from collections.abc import Sequence
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
    where: dict[str, str] | None = None
    """Only these rows were looked for; empty: all. None in reports that are older than this field."""
    fields: tuple[str, ...] | None = None
    """Only the text of these fields was looked for. None in older reports."""
    domain: str
    items: int
    touched: int = 0
    """Items that some document held: scores are told with and without them."""

    def covers(self, wanted: EvaluationSet) -> bool:
        """Whether all rows and fields of `wanted`, a set of the same file, were looked for.

        Older reports do not say, and cover nothing: a set of another split, or one that was never looked for, looks
        the same in them.
        """
        if self.where is None or self.fields is None:
            return False
        return self.where.items() <= wanted.where.items() and set(wanted.fields) <= set(self.fields)


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
    """Those that were looked for: none with `decontamination: null`."""
    documents: dict[str, int] = Field(default_factory=dict)
    """Documents that left, by method; a document counts under the first of its matches."""
    not_judged: int = 0
    """Items that no method looked for: they are too short for n-grams and for near-copies, or nothing was looked for.
    """
    overfiltering: Overfiltering = Overfiltering()

    def set_of(self, wanted: EvaluationSet) -> SetReport | None:
        """The set that was read from a file of this content, with all that `wanted` reads of it."""
        return next((one for one in self.of_file(wanted) if one.covers(wanted)), None)

    def of_file(self, wanted: EvaluationSet) -> list[SetReport]:
        """Sets that were read from a file of this content, be it in part."""
        content = hash_input(wanted.path)
        return [one for one in self.sets if one.hash == content]


class Tally:
    """Counts matches as they come."""

    def __init__(self, sets: Sequence[EvaluationSet], items: Sequence[Item], *, judged: int) -> None:
        counts = Counter(item.set for item in items)
        self.report = Decontaminated(
            sets=[
                SetReport(
                    name=one.title,
                    hash=hash_input(one.path),
                    where=one.where,
                    fields=one.fields,
                    domain=one.domain,
                    items=counts[one.title],
                )
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
