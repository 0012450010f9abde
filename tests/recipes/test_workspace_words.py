"""What DVC says in a workspace."""

import pytest
from dvc.ui import ui

from mecelle.recipes.workspace import _without_push_hint


def test_the_advice_to_push_is_left_out_and_nothing_else(capsys: pytest.CaptureFixture[str]):
    with _without_push_hint():
        ui.write("Use `dvc push` to send your updates to remote storage.", force=True)
        ui.write("Stage 'corpus' didn't change, skipping", force=True)
    ui.write("dvc push", force=True)  # outside of DVC's own main, it is silent without it
    assert capsys.readouterr().out == "Stage 'corpus' didn't change, skipping\ndvc push\n"
