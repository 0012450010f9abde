"""One output, byte for byte, wherever the tasks run."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from mecelle.base.document import Document
from mecelle.base.errors import ConfigError, ResourceError
from mecelle.corpus.build import CorpusConfig, build
from mecelle.corpus.executors import Executor, executors
from mecelle.corpus.executors.local import Local
from mecelle.corpus.executors.slurm import Slurm
from mecelle.corpus.registered import by_name


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def built(source: Path, out: Path, executor: Executor) -> dict[str, bytes]:
    build(source, out, CorpusConfig(), seed=7, executor=executor, work=out.parent / f"{out.name}-work")
    return contents(out)


@pytest.fixture
def source(tmp_path: Path, documents: list[Document], make: Any) -> Path:
    return make.collection(tmp_path / "in", documents, shards=3)


@pytest.mark.filterwarnings("default")  # Ray forks, polls and leaves sockets to its own end; none of it is ours
def test_ray_gives_the_bytes_of_one_process(tmp_path: Path, source: Path) -> None:
    pytest.importorskip("ray", reason="pip install -e '.[ray]'")
    ray = executors.get("ray.v1")(executor="ray.v1", workers=2, gib_per_task=0.5)

    assert built(source, tmp_path / "ray", ray) == built(source, tmp_path / "one", Local(workers=1))


def test_slurm_script_asks_for_what_was_said(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A `sbatch` that only notes what it is given: the script is checked wherever there is no Slurm.
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "sbatch").write_text(
        f'#!/bin/sh\ncp "$(eval echo \\${{$#}})" {tmp_path}/script\necho Submitted batch job 7\n'
    )
    (tools / "squeue").write_text("#!/bin/sh\n")
    for tool in tools.iterdir():
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setattr("mecelle.corpus.executors.slurm._LOOK_EVERY_SECONDS", 0.01)
    slurm = Slurm(partition="acc", hours=1.5, gib_per_task=3, arguments={"account": "tr1"})

    with pytest.raises(ResourceError, match="3 of 3 tasks did not end"):
        built(source, tmp_path / "out", slurm)
    script = next((tmp_path / "out-work").glob("*/judge/launch_script.slurm")).read_text()
    for line in ("--partition=acc", "--time=01:30:00", "--mem-per-cpu=3G", "--array=0-2", "--account=tr1"):
        assert f"#SBATCH {line}" in script
    assert "launch_pickled_pipeline" in script


def test_slurm_is_missed_by_name(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ResourceError, match="no `sbatch`"):
        built(source, tmp_path / "out", Slurm(partition="acc"))


@pytest.mark.slow
def test_a_real_slurm_gives_the_bytes_of_one_process(tmp_path: Path, source: Path) -> None:
    if shutil.which("sinfo") is None or subprocess.run(["sinfo", "-h"], capture_output=True, check=False).returncode:
        pytest.skip("no Slurm answers here: run tools/slurm_on_one_node.sh (Debian: apt-get install slurm-wlm munge)")
    partition = subprocess.run(["sinfo", "-h", "-o", "%R"], capture_output=True, text=True, check=True).stdout.split()[
        0
    ]

    one = built(source, tmp_path / "one", Local(workers=1))
    assert built(source, tmp_path / "slurm", Slurm(partition=partition, gib_per_task=1)) == one


def test_unknown_executor_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"'slurm\.v2'.*slurm\.v1"):
        by_name(executors, "executor")({"executor": "slurm.v2"})


def test_workers_die_with_a_killed_build(tmp_path: Path, make: Any) -> None:
    documents = [make.document(make.decision(seed), f"d{seed}") for seed in range(4_000)]
    source = make.collection(tmp_path / "in", documents, shards=4)
    code = (
        "from pathlib import Path; from mecelle.corpus.build import CorpusConfig, build; "
        "from mecelle.corpus.executors.local import Local; "
        f"build(Path({str(source)!r}), Path({str(tmp_path / 'out')!r}), CorpusConfig(), seed=7, "
        f"executor=Local(workers=2), work=Path({str(tmp_path / 'work')!r}))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        workers: list[psutil.Process] = []
        deadline = time.monotonic() + 60
        while not any((tmp_path / "work").glob("*/ledgers/00000")) and time.monotonic() < deadline:
            time.sleep(0.02)
        workers = psutil.Process(process.pid).children(recursive=True)
        assert workers, "the pool was to be at work"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert not alive

    build(source, tmp_path / "out", CorpusConfig(), seed=7, executor=Local(workers=2), work=tmp_path / "work")
    build(source, tmp_path / "at-once", CorpusConfig(), seed=7)
    assert contents(tmp_path / "out") == contents(tmp_path / "at-once")
