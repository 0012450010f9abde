"""Runs steps over shards with datatrove's local executor. A task is one shard, however many workers there are."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from datatrove.executor.local import LocalPipelineExecutor
from datatrove.pipeline.base import PipelineStep
from loguru import logger

from mecelle.base.progress import Progress

POLL_SECONDS = 1.0
"""How often the parent looks how far the workers have come."""


def execute(
    steps: Sequence[PipelineStep], *, tasks: int, workers: int, work: Path, task: str, total: int | None
) -> None:
    """Run `steps` for every task that is not complete; completions and statistics go to `work`.

    workers: processes; the result does not depend on it. task: name for the progress bar; total: documents, if known.
    """
    # fork: a user's script needs no `if __name__ == "__main__"`.
    executor = LocalPipelineExecutor(
        pipeline=list(steps),
        tasks=tasks,
        workers=max(1, min(workers, tasks)),
        logging_dir=str(work),
        start_method="fork",
    )
    with _quiet(), Progress(task, total=total) as progress, _watched(work, progress):
        executor.run()


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
