"""What the suites ask, as a table: tasks, how much of each is scored, and what the files hold that are read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import orjson

from mecelle.evaluation.suites import LOCAL, Suite, spare
from mecelle.evaluation.tasks.definition import TASKS, LocalTask

Cost = Literal["seconds", "a minute", "minutes"]
"""Of embedding all texts of a task for the first time, by a model of 20 to 30 million parameters on two cores."""
READ_CHARACTERS = 900
"""Of a text, about: 256 tokens; what comes after costs nothing."""
SECONDS_CHARACTERS, MINUTE_CHARACTERS = 100_000, 400_000
"""Up to so many characters a task costs seconds, or a minute."""

FIELDS: Mapping[str, str] = {
    "general/classification_*": "text, label, split (train, dev, test)",
    "general/nli": "premise, hypothesis, label (entailment, neutral, contradiction), split",
    "general/qa_retrieval": "question, context, domain, split",
    "general/sts": "sentence1, sentence2, score (0 to 5), split",
    "legal/cloze": "id, sentence with one [MASK], options, gold",
    "legal/decisions": "id, court, chamber, date, text, summary",
    "legal/mcq": "id, question, gold_articles (ids of statute_articles)",
    "legal/qa": "question, answer",
    "legal/retrieval_statutes": "id, query, gold (ids of statute_articles)",
    "legal/statute_articles": "id (6098:m315), heading, text, repealed",
}
"""File of JSON Lines (.jsonl.gz) -> fields of a row that are read."""


@dataclass(frozen=True)
class Size:
    """How much of a task is scored, with the default caps on the data of docs/results/evaluation.md."""

    n: int
    unit: str
    of: int
    """Documents of a collection, or labels; 0 for pairs."""
    texts: int
    mean_characters: int

    @property
    def words(self) -> str:
        """`73 queries, 4,000 documents`."""
        other = {"queries": "documents", "texts": "labels"}.get(self.unit)
        return f"{self.n:,} {self.unit}" + (f", {self.of:,} {other}" if other else "")

    @property
    def cost(self) -> Cost:
        """A class, not a promise."""
        read = self.texts * min(self.mean_characters, READ_CHARACTERS)
        return "seconds" if read <= SECONDS_CHARACTERS else "a minute" if read <= MINUTE_CHARACTERS else "minutes"


def tasks_of(suite: Suite) -> list[LocalTask]:
    """The tasks of a suite, in its order, then the spare ones."""
    return [TASKS.get(name) for name in (*LOCAL[suite], *spare(suite))]


def size_of(task: LocalTask) -> Size | None:
    """How much of it is scored; None for a task that was added since."""
    return _sizes().get(task.name)


def fields_of(tasks: Iterable[LocalTask]) -> dict[str, str]:
    """File -> fields, of the files that the tasks read."""
    read = {file for task in tasks for file in task.files}
    return {pattern: fields for pattern, fields in FIELDS.items() if any(_fits(file, pattern) for file in read)}


def _fits(file: str, pattern: str) -> bool:
    return file.startswith(pattern.rstrip("*")) and (pattern.endswith("*") or file == f"{pattern}.jsonl.gz")


@cache
def _sizes() -> dict[str, Size]:
    rows = orjson.loads(files("mecelle.evaluation").joinpath("data", "task_sizes.json").read_bytes())
    return {name: Size(**row) for name, row in rows.items()}
