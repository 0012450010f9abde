"""What several runs share is made once, and the processes of one run wait for it as long as it takes."""

import importlib
import multiprocessing
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mecelle.base import artifacts
from mecelle.training.sharing import made_once


def test_the_second_waits_for_the_first_and_takes_its_own(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> None:
        with artifacts.create(tmp_path / "shared", stage="pack", version=1, parameters={}, inputs={}, seed=1):
            made.append(1)
            time.sleep(0.2)

    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(made_once, tmp_path / "shared", make, stage="pack", doing="sharing") for _ in range(2)]
        assert [call.result() for call in calls] == [tmp_path / "shared"] * 2
    assert len(made) == 1


def test_half_of_one_is_made_anew(tmp_path: Path) -> None:
    """As a killed maker leaves it."""
    (tmp_path / "shared.partial").mkdir()
    (tmp_path / "shared.partial" / "rest").touch()

    def make() -> None:
        with artifacts.create(tmp_path / "shared", stage="pack", version=1, parameters={}, inputs={}, seed=1) as run:
            (run.folder / "whole").touch()

    made = made_once(tmp_path / "shared", make, stage="pack", doing="sharing")
    assert sorted(path.name for path in made.iterdir()) == ["artifact.json", "whole"]


def test_processes_wait_for_a_slow_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent)  # the processes get the `sys.path` of this one
    wait = importlib.import_module("run_waiting").wait
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    context = multiprocessing.get_context("spawn")
    started = [context.Process(target=wait, args=(rank, port)) for rank in range(2)]
    for process in started:
        process.start()
    for process in started:
        process.join(240)
    assert [process.exitcode for process in started] == [0, 0]
