"""A Slurm cluster: each half of the pipeline is one array of jobs, and the command waits for it."""

import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from datatrove.executor.slurm import SlurmPipelineExecutor
from datatrove.pipeline.base import PipelineStep
from pydantic import Field

from mecelle.base.errors import ResourceError
from mecelle.corpus.executors import Executor, executors

_LOOK_EVERY_SECONDS = 2.0
_STILL_THERE = 3
"""Looks at a queue without our job before it counts as ended: completions may reach this node later than the queue."""


@executors.register("slurm.v1")
class Slurm(Executor):
    """Datatrove's Slurm executor. Start the build where `sbatch` works; the compute nodes must see the same folders."""

    executor: Literal["slurm.v1"] = "slurm.v1"
    partition: str
    """Where the jobs go."""
    hours: float = Field(default=4.0, gt=0.0)
    """Time limit of a task: one shard of 8 M characters takes seconds, so this guards against a hung node."""
    workers: int = Field(default=-1, ge=-1)
    """Tasks at once; -1: no limit but the cluster's."""
    gib_per_task: int = Field(default=2, ge=1)
    """Memory of a task, in GiB."""
    tasks_per_job: int = Field(default=1, ge=1)
    """Shards that one job takes one after another, where starting a job costs more than a shard."""
    qos: str = ""
    """Quality of service, where the site wants one."""
    environment: str = ""
    """Shell line that makes `mecelle` importable on a node; none: the environment of this command."""
    arguments: dict[str, str] = Field(default_factory=dict)
    """More arguments of sbatch, such as {"account": "tr123"}."""

    def run(self, steps: Sequence[PipelineStep], *, tasks: int, work: Path, name: str) -> None:
        """Submits and waits. Raises ResourceError if there is no Slurm here."""
        if shutil.which("sbatch") is None:
            raise ResourceError("executor slurm.v1: no `sbatch` on this machine; start the build on a login node")
        executor = self.prepared(steps, tasks=tasks, work=work, name=name)
        executor.run()
        missing_looks = 0
        while missing_looks < _STILL_THERE and executor.get_incomplete_ranks():
            time.sleep(_LOOK_EVERY_SECONDS)
            missing_looks = 0 if _queued(executor.job_name) else missing_looks + 1

    def prepared(self, steps: Sequence[PipelineStep], *, tasks: int, work: Path, name: str) -> SlurmPipelineExecutor:
        """Datatrove's executor, whose `launch_job` writes `launch_script.slurm` into `work` and submits it."""
        minutes = round(self.hours * 60)
        return SlurmPipelineExecutor(
            pipeline=list(steps),
            tasks=tasks,
            time=f"{minutes // 60:02d}:{minutes % 60:02d}:00",
            partition=self.partition,
            mem_per_cpu_gb=self.gib_per_task,
            workers=self.workers,
            job_name=f"mecelle-{name.replace(' ', '-')}-{work.parent.name}",
            qos=self.qos,
            env_command=self.environment or f"export PATH={Path(sys.executable).parent}:$PATH",
            sbatch_args=self.arguments,
            logging_dir=str(work),
            tasks_per_job=self.tasks_per_job,
            mail_user=None,
        )


def _queued(job: str) -> bool:
    """Whether jobs of that name wait or run."""
    found = subprocess.run(["squeue", "--noheader", f"--name={job}"], capture_output=True, text=True, check=False)
    return found.returncode != 0 or bool(found.stdout.strip())  # a queue that does not answer is no end
