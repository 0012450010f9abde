"""Steps of a loop in whole checkpoints; the trainings that use it show the same bytes (tests/embedding)."""

from pathlib import Path

import torch

from mecelle.training.checkpoints import Checkpoints
from mecelle.training.interrupt import Stop
from mecelle.training.resumable import FILE, ResumableSteps


def run(folder: Path, *, steps: int = 6, fail_at: int | None = None) -> tuple[list[float], list[int]]:
    """Drawn numbers of all steps, and the steps that were done; a checkpoint after each step."""
    torch.manual_seed(1)
    layer = torch.nn.Linear(2, 1)
    drawn: list[float] = []
    left = ResumableSteps(Checkpoints(folder), {"layer": layer}, steps=steps, minutes=1e-9, lists={"drawn": drawn})
    done = []
    for step in left.to_do(Stop()):
        if step == fail_at:
            break
        with torch.no_grad():
            layer.weight += torch.rand(1, 2)
        drawn.append(float(layer.weight.detach().sum()))
        done.append(step)
    return drawn, done


def test_what_is_left_is_done_as_if_nothing_had_happened(tmp_path: Path) -> None:
    whole, _ = run(tmp_path / "whole")
    run(tmp_path / "broken", fail_at=4)
    assert run(tmp_path / "broken") == (whole, [4, 5])
    assert run(tmp_path / "broken") == (whole, []), "a finished run does nothing again"


def test_a_torn_checkpoint_is_passed_over(tmp_path: Path) -> None:
    whole, _ = run(tmp_path / "whole")
    run(tmp_path / "torn", fail_at=4)
    (Checkpoints(tmp_path / "torn").place(4) / FILE).write_bytes(b"half")
    assert run(tmp_path / "torn") == (whole, [3, 4, 5])
