"""A Ray cluster, or a Ray of this machine alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from datatrove.executor.ray import RayPipelineExecutor
from datatrove.pipeline.base import PipelineStep
from pydantic import Field

from mecelle.base.errors import require
from mecelle.corpus.executors import Executor, executors


@executors.register("ray.v1")
class Ray(Executor):
    """Datatrove's Ray executor. All nodes must see the work folder and the input under the same path."""

    executor: Literal["ray.v1"] = "ray.v1"
    workers: int = Field(default=-1, ge=-1)
    """Tasks at once; -1: as many as the cluster has room for."""
    address: str | None = None
    """Of a running cluster ("auto", "ray://host:10001"); none: start one on this machine, and stop it at the end."""
    cpus_per_task: int = Field(default=1, ge=1)
    """Cores that Ray keeps for a task, which uses one."""
    gib_per_task: float = Field(default=2.0, gt=0.0)
    """Memory that Ray keeps for a task, in GiB."""

    def run(self, steps: Sequence[PipelineStep], *, tasks: int, work: Path, name: str) -> None:
        """A task that failed leaves no completion; Ray itself tries lost workers again."""
        ray = require("ray", extra="ray", why="executor ray.v1")
        mine = not ray.is_initialized()
        if mine:
            ray.init(address=self.address, include_dashboard=False, log_to_driver=False, logging_level="error")
        try:
            RayPipelineExecutor(
                pipeline=list(steps),
                tasks=tasks,
                workers=min(self.workers, tasks) if self.workers > 0 else -1,
                logging_dir=str(work),
                cpus_per_task=self.cpus_per_task,
                mem_per_cpu_gb=self.gib_per_task / self.cpus_per_task,
            ).run()
        finally:
            if mine:
                ray.shutdown()
