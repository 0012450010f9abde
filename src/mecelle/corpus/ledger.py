"""What one step did in one task: counts, seconds, and a row for each document that it dropped or that made it fail."""

from pathlib import Path
from time import perf_counter
from typing import Any, Self

import orjson
from pydantic import BaseModel, Field

from mecelle.base.accounts import Accounts
from mecelle.base.collection import JsonlWriter
from mecelle.base.document import Document
from mecelle.corpus.statistics.categories import category
from mecelle.corpus.verdict import Verdict
from mecelle.corpus.view import view


class Size(BaseModel):
    """How much text: `bytes` are those of UTF-8."""

    documents: int = 0
    characters: int = 0
    bytes: int = 0


class Tally(BaseModel):
    """The sums of one step in one task, or over all tasks."""

    step: str
    accounts: Accounts
    seconds: float = 0.0
    categories: dict[str, Size] = Field(default_factory=dict)
    """What was kept, by category (mecelle.corpus.statistics.categories)."""

    def keep(self, document: Document) -> None:
        """Count one more document that was kept, as it is after the step."""
        self.accounts.keep()
        seen = view(document.text)
        self._add(category(document), documents=1, characters=len(document.text), bytes=seen.bytes)

    def merge(self, other: Self) -> None:
        """Add the sums of another task."""
        self.accounts.merge(other.accounts)
        self.seconds += other.seconds
        for name, size in other.categories.items():
            self._add(name, **size.model_dump())

    def _add(self, name: str, *, documents: int, characters: int, bytes: int) -> None:
        size = self.categories.setdefault(name, Size())
        size.documents += documents
        size.characters += characters
        size.bytes += bytes


class Ledger:
    """Writes `<step>.json`, `<step>.dropped.jsonl` and `<step>.failed.jsonl` into the folder of one task.

    One folder a task: workers share no file, and a resumed run reads the tasks of the killed one.
    """

    def __init__(self, folder: Path, step: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._tally = Tally(step=step, accounts=Accounts())
        self._dropped = JsonlWriter(folder / f"{step}.dropped.jsonl")
        self._failed = JsonlWriter(folder / f"{step}.failed.jsonl")

    def enter(self, document: Document, verdict: Verdict, began: float) -> None:
        """Count a verdict; began: `perf_counter()` before the step saw the document."""
        self._tally.seconds += perf_counter() - began
        if verdict.kept:
            self._tally.keep(document)
            return
        assert verdict.reason, "a drop without a reason"
        self._tally.accounts.drop(verdict.reason)
        measured = dict(verdict.measured)
        row = identity(document) | {"reason": verdict.reason}
        if "cluster" in measured:
            row["cluster"] = measured.pop("cluster")
        self._dropped.write(row | {"measured": measured})

    def fail(self, document: Document, error: Exception, began: float) -> None:
        """Count a document that made the step raise."""
        self._tally.seconds += perf_counter() - began
        reason = f"{self._tally.step}_error"
        self._tally.accounts.fail(reason)
        self._failed.write(
            identity(document)
            | {"step": self._tally.step, "reason": reason, "error": f"{type(error).__name__}: {error}"}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Close the files; the sums come last and only from a whole task."""
        self._dropped.close()
        self._failed.close()
        if kind is None:
            (self._folder / f"{self._tally.step}.json").write_bytes(orjson.dumps(self._tally.model_dump(mode="json")))


def identity(document: Document) -> dict[str, Any]:
    """The two names of a document: ours, and the one that its source gave (None where it gave none)."""
    return {"id": document.id, "source_id": document.metadata.get("source_id")}


def task_folder(ledgers: Path, rank: int) -> Path:
    """The folder of the task `rank`."""
    return ledgers / f"{rank:05d}"


def read_tally(ledgers: Path, step: str, *, tasks: int) -> Tally:
    """The sums of `step` over all tasks."""
    total = Tally(step=step, accounts=Accounts())
    for rank in range(tasks):
        total.merge(Tally.model_validate_json((task_folder(ledgers, rank) / f"{step}.json").read_bytes()))
    return total
