"""Progress on a terminal stays one line."""

import io
import sys

import pytest
from rich.console import Console

from mecelle.base.progress import Progress


def test_a_line_of_progress_fits_eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.delenv("MECELLE_JSON_PROGRESS", raising=False)
    progress = Progress("pre-train", total=40_000_000, unit="tokens")
    assert progress._rich is not None
    progress._bar = progress._rich.add_task("pre-train", total=40_000_000, facts="")
    progress.advance(12_345_678, loss=7.1234, eval_loss=7.2345, eval_accuracy=0.12345, resumed_at_step=1_200)
    screen = Console(file=io.StringIO(), width=80, force_terminal=True)
    lines = screen.render_lines(progress._rich.make_tasks_table(progress._rich.tasks))
    assert len(lines) == 1
    told = "".join(segment.text for segment in lines[0])
    assert "12345678/40000000" in told
    assert "tokens" in told
