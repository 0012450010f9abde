"""The whole corpus pipeline: MB/s per core, peak memory, and the share of each step, as the corpus grows.

python benchmarks/pipeline.py --megabytes 10 100 1000 --workers 1
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from measuring import MEGABYTE, documents_of, machine, watched, write_results
from rich.console import Console
from rich.table import Table

from mecelle.base import artifacts
from mecelle.base.collection import write_documents

CACHE = Path(os.environ.get("MECELLE_CACHE", Path.home() / ".cache" / "mecelle")) / "benchmarks"
SEED = 20261122


def collection(megabytes: int) -> Path:
    """The input of that size, as `corpus extract` leaves it; made once."""
    folder = CACHE / f"documents-{megabytes}"
    if not artifacts.is_artifact(folder, stage="extract"):
        with artifacts.create(folder, stage="extract", version=1, parameters={}, inputs={}, seed=SEED) as run:
            count = write_documents(documents_of(megabytes, seed=SEED), run.folder / "documents")
            run.accounts.keep(count)
    return folder


def measured(megabytes: int, workers: int, settings: list[str]) -> dict[str, object]:
    """One build in a process of its own."""
    source, out = collection(megabytes), CACHE / f"corpus-{megabytes}"
    command = str(Path(sys.executable).with_name("mecelle"))
    arguments = [command, "corpus", "build", str(source), "--out", str(out), "--workers", str(workers)]
    for setting in settings:
        arguments += ["--set", setting]
    figures = watched(arguments)
    record = artifacts.read_record(out)
    assert record is not None
    assert record.accounts is not None
    size = sum(one["bytes"] for one in record.figures["read"].values()) / MEGABYTE
    return {
        "megabytes": round(size, 1),
        "workers": workers,
        **figures,
        "mb_per_second": round(size / figures["seconds"], 3),
        "mb_per_second_and_core": round(size / figures["cpu_seconds"], 3),
        "accounts": record.accounts.model_dump(),
        "duplicates": record.figures["duplicates"],
        "steps": [{key: step[key] for key in ("step", "seconds", "seconds_share")} for step in record.figures["steps"]],
    }


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, nargs="+", default=[10, 100])
    parser.add_argument("--workers", type=int, nargs="+", default=[1])
    parser.add_argument("--set", action="append", default=[], help="a parameter of the build, as `mecelle` takes it")
    parser.add_argument("--name", default="pipeline")
    arguments = parser.parse_args()
    before = machine("mecelle", "datatrove", "numba", "akana")
    revision = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    runs = [measured(size, workers, arguments.set) for size in arguments.megabytes for workers in arguments.workers]
    write_results(arguments.name, {"machine": before, "revision": revision.stdout.strip(), "seed": SEED, "runs": runs})

    table = Table("MB", "workers", "s", "cpu s", "MB/s", "MB/s/core", "peak GiB", title="corpus build")
    for run in runs:
        keys = ("megabytes", "workers", "seconds", "cpu_seconds", "mb_per_second", "mb_per_second_and_core", "peak_gib")
        table.add_row(*(str(run[key]) for key in keys))
    Console().print(table)
    shares = Table("step", *(f"{run['megabytes']} MB, {run['workers']} workers" for run in runs), title="share of time")
    for rows in zip(*(run["steps"] for run in runs), strict=True):  # type: ignore[call-overload]
        shares.add_row(rows[0]["step"], *(f"{row['seconds']:.1f} s  {row['seconds_share']:.1%}" for row in rows))
    Console().print(shares)


if __name__ == "__main__":
    main()
