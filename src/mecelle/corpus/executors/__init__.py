"""Where the tasks of a pipeline run, one file each: processes of this machine, a Ray cluster, Slurm.

A task is one shard of the input, however many workers there are, so the result never depends on the executor.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from datatrove.pipeline.base import PipelineStep
from pydantic import BeforeValidator, SerializeAsAny

from mecelle.base.config import Config
from mecelle.base.registry import Registry
from mecelle.corpus.registered import by_name


class Executor(Config):
    """Base of executors: how many workers, and what the cluster wants to know."""

    executor: str
    """Registered name, such as `local.v1`."""

    def run(self, steps: Sequence[PipelineStep], *, tasks: int, work: Path, name: str) -> None:
        """Run `steps` for every task that has no completion in `work`; returns when no task runs any more.

        work: folder that all workers reach. name: what the work is called in queues.
        """
        raise NotImplementedError


executors: Registry[type[Executor]] = Registry("mecelle.corpus.executors", kind="executor")

AnyExecutor = Annotated[SerializeAsAny[Executor], BeforeValidator(by_name(executors, "executor"))]
