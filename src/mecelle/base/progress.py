"""One style of progress: a bar on a terminal, JSON lines on stderr when piped."""

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sized
from types import TracebackType
from typing import Any, Self, TypeVar

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from rich.table import Column

T = TypeVar("T")

BAR = 10
"""Width of the bar: counts and times fit beside it in 80 columns, and the facts get the rest."""
JSON_SECONDS = 10.0
"""Least time between two JSON lines of one task: a log of an hour's run stays readable."""


class Progress:
    """How far a piece of work has come. Use as a context manager; `advance` is cheap enough to call per document.

    On a terminal: `dedup ━━━━ 12,400/58,000 documents 0:00:25 kept 91.2%`. Piped: one JSON object a line on stderr,
    at most one in JSON_SECONDS and one at the end, so that stdout stays free for results.
    """

    def __init__(self, task: str, *, total: float | None = None, unit: str = "documents") -> None:
        """task: what is being done, in a word or two; total: how many units in all, if known."""
        self.task, self.total, self.unit = task, total, unit
        self.done: float = 0
        self.facts: dict[str, Any] = {}
        self._started = self._last = time.monotonic()
        self._rich: RichProgress | None = None
        if sys.stderr.isatty() and "MECELLE_JSON_PROGRESS" not in os.environ:
            self._rich = RichProgress(
                TextColumn("{task.description}", table_column=_column()),
                BarColumn(bar_width=BAR),
                MofNCompleteColumn(table_column=_column()),
                TextColumn(unit, table_column=_column()),
                TimeElapsedColumn(table_column=_column()),
                TimeRemainingColumn(table_column=_column()),
                TextColumn("{task.fields[facts]}", table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)),
                console=Console(stderr=True),
                refresh_per_second=4,
                expand=True,
            )

    def __enter__(self) -> Self:
        if self._rich:
            self._rich.start()
            self._bar = self._rich.add_task(self.task, total=self.total, facts="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._rich:
            self._rich.stop()
        else:
            self._write_line(ended="error" if error else "done")

    def advance(self, count: float = 1, **facts: Any) -> None:
        """Say that `count` more units are done; `facts` (loss, rate, share kept) are shown beside the bar."""
        self.done += count
        self.facts.update(facts)
        if self._rich:
            text = " | ".join(f"{name} {_short(value)}" for name, value in self.facts.items())
            self._rich.update(self._bar, completed=self.done, facts=text)
        elif time.monotonic() - self._last >= JSON_SECONDS:
            self._write_line()

    def _write_line(self, ended: str | None = None) -> None:
        self._last = time.monotonic()
        seconds = self._last - self._started
        line: dict[str, Any] = {"task": self.task, "done": self.done, "total": self.total, "unit": self.unit}
        line |= {"seconds": round(seconds, 1), "per_second": round(self.done / seconds, 2) if seconds > 0 else None}
        if ended:
            line["ended"] = ended
        sys.stderr.write(
            orjson.dumps(line | self.facts, default=str, option=orjson.OPT_SERIALIZE_NUMPY).decode() + "\n"
        )
        sys.stderr.flush()


def track(items: Iterable[T], task: str, *, total: int | None = None, unit: str = "documents") -> Iterator[T]:
    """Yield `items` and show how far they have come."""
    if total is None and isinstance(items, Sized):
        total = len(items)
    with Progress(task, total=total, unit=unit) as progress:
        for item in items:
            yield item
            progress.advance()


def _column() -> Column:
    """One line, however narrow the terminal: a second one would stay behind at every refresh."""
    return Column(no_wrap=True)


def _short(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
