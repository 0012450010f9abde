"""Processes of this machine."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from datatrove.executor.local import LocalPipelineExecutor
from datatrove.pipeline.base import PipelineStep
from pydantic import Field

from mecelle.base.machine import available_cores
from mecelle.base.processes import children_die_with_parent
from mecelle.corpus.executors import Executor, executors


@executors.register("local.v1")
class Local(Executor):
    """Datatrove's local executor."""

    executor: Literal["local.v1"] = "local.v1"
    workers: int = Field(default=0, ge=0)
    """Processes; 0: as many as this process may use cores. One runs in this process."""

    def run(self, steps: Sequence[PipelineStep], *, tasks: int, work: Path, name: str) -> None:
        """Raises what a task raised, after all others have ended."""
        executor = LocalPipelineExecutor(
            pipeline=list(steps),
            tasks=tasks,
            workers=max(1, min(self.workers or available_cores(), tasks)),
            logging_dir=str(work),
            start_method="fork",  # a user's script needs no `if __name__ == "__main__"`
        )
        with children_die_with_parent():
            executor.run()
