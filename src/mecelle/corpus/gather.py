"""Put together what the tasks left: one artifact, its accounts and its figures."""

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mecelle.base.artifacts import Run
from mecelle.base.collection import JsonlWriter, read_jsonl
from mecelle.corpus.ledger import Tally, read_tally, task_folder
from mecelle.corpus.statistics.kinds import kind_table, read_kinds


def gather(run: Run, place: Path, steps: Sequence[str], *, tasks: int) -> None:
    """Move documents into the artifact, join the tasks' rows in shard order, fill `run.accounts` and `run.figures`."""
    ledgers = place / "ledgers"
    shutil.rmtree(place / "finish")  # a run killed from here on must write the documents again
    shutil.move(place / "documents", run.folder / "documents")
    _write(run.folder / "dropped.jsonl.zst", _rows(ledgers, steps, "dropped", tasks=tasks))
    _write(run.folder / "failed.jsonl", _rows(ledgers, steps, "failed", tasks=tasks))
    identifiers = Counter[str]()
    _write(run.folder / "identifiers.jsonl", _identifiers(place / "identifiers", identifiers, tasks=tasks))
    tallies = [read_tally(ledgers, step, tasks=tasks) for step in steps]
    _account(run, tallies)
    folders = [task_folder(ledgers, rank) for rank in range(tasks)]
    run.figures["read"] = _categories(read_tally(ledgers, "read", tasks=tasks))
    run.figures["steps"] = _step_table(tallies)
    run.figures["kinds"] = kind_table(
        read_kinds(folder / "read.kinds.json" for folder in folders),
        read_kinds(folder / "write.kinds.json" for folder in folders),
    )
    run.figures["identifiers"] = dict(sorted(identifiers.items()))


def _account(run: Run, tallies: Sequence[Tally]) -> None:
    """Every step passes on what it kept, so the sums of the first and the last frame the whole."""
    run.accounts.seen = tallies[0].accounts.seen
    run.accounts.kept = tallies[-1].accounts.kept
    for tally in tallies:
        tally.accounts.check()
        for reason, count in tally.accounts.dropped.items():
            run.accounts.dropped[reason] = run.accounts.dropped.get(reason, 0) + count
        for reason, count in tally.accounts.failed.items():
            run.accounts.failed[reason] = run.accounts.failed.get(reason, 0) + count


def _step_table(tallies: Sequence[Tally]) -> list[dict[str, Any]]:
    total = sum(tally.seconds for tally in tallies) or 1.0
    return [
        {
            "step": tally.step,
            "seen": tally.accounts.seen,
            "kept": tally.accounts.kept,
            "dropped": tally.accounts.dropped,
            "failed": sum(tally.accounts.failed.values()),
            "seconds": round(tally.seconds, 3),
            "seconds_share": round(tally.seconds / total, 4),
            "categories": _categories(tally),
        }
        for tally in tallies
    ]


def _categories(tally: Tally) -> dict[str, Any]:
    return {name: size.model_dump() for name, size in sorted(tally.categories.items())}


def _rows(ledgers: Path, steps: Sequence[str], what: str, *, tasks: int) -> Iterator[Any]:
    for rank in range(tasks):
        for step in steps:
            yield from read_jsonl(task_folder(ledgers, rank) / f"{step}.{what}.jsonl")


def _identifiers(folder: Path, counts: Counter[str], *, tasks: int) -> Iterator[Any]:
    for rank in range(tasks):
        for row in read_jsonl(folder / f"{rank:05d}.jsonl"):
            counts[row["kind"]] += 1
            yield row


def _write(path: Path, rows: Iterator[Any]) -> None:
    with JsonlWriter(path) as writer:
        for row in rows:
            writer.write(row)
