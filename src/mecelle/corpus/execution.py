"""Runs steps over all shards, shows how far they are, and tells which tasks did not end well."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from datatrove.pipeline.base import PipelineStep
from loguru import logger

from mecelle.base.errors import ResourceError
from mecelle.base.progress import Progress
from mecelle.corpus.executors import Executor

POLL_SECONDS = 1.0
"""How often the parent looks how far the workers have come."""


def execute(
    steps: Sequence[PipelineStep], *, tasks: int, executor: Executor, work: Path, task: str, total: int | None
) -> None:
    """Run `steps` for every task that is not complete; completions, statistics and logs go to `work`.

    task: name for the progress bar; total: documents, if known. Raises ResourceError if a task did not end: a
    document never makes a task fail, so a worker was killed, ran out of memory or time, or lost its disk, or a cluster
    kept for itself what was wrong with a parameter.
    """
    with _quiet(), Progress(task, total=total) as progress, _watched(work, progress):
        executor.run(steps, tasks=tasks, work=work, name=task)
    ended = {path.name for path in (work / "completions").glob("*")}
    if missing := [rank for rank in range(tasks) if f"{rank:05d}" not in ended]:
        raise ResourceError(
            f"{task}: {len(missing):,} of {tasks:,} tasks did not end (first: {missing[0]:05d}); the reason stands in "
            f"{work / 'logs'}. Run the same command again: what has ended is kept"
        )


def report_seen(work: Path, rank: int, count: int) -> None:
    """Called by the reader of the task `rank`: how many documents it has read."""
    path = work / "seen" / f"{rank:05d}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(str(count), encoding="ascii")


@contextmanager
def _watched(work: Path, progress: Progress) -> Iterator[None]:
    """Move `progress` by what the tasks report: workers are processes, so they report through files."""
    done = Event()

    def look() -> None:
        seen = sum(int(path.read_text(encoding="ascii") or 0) for path in (work / "seen").glob("*"))
        progress.advance(seen - progress.done)

    def watch() -> None:
        while not done.wait(POLL_SECONDS):
            look()

    thread = Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        look()


@contextmanager
def _quiet() -> Iterator[None]:
    """Without datatrove's log on stderr: progress and failures have their own places, and an error is raised anyway."""
    logger.disable("datatrove")
    try:
        yield
    finally:
        logger.enable("datatrove")
