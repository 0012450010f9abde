"""What DVC says in a workspace."""

import logging

import pytest
from dvc.ui import ui

from mecelle.recipes.workspace import _without_noise


def test_the_advice_to_push_is_left_out_and_nothing_else(capsys: pytest.CaptureFixture[str]):
    with _without_noise():
        ui.write("Use `dvc push` to send your updates to remote storage.", force=True)
        ui.write("Stage 'corpus' didn't change, skipping", force=True)
    ui.write("dvc push", force=True)  # outside of DVC's own main, it is silent without it
    assert capsys.readouterr().out == "Stage 'corpus' didn't change, skipping\ndvc push\n"


def test_that_nothing_was_taken_down_is_no_warning(caplog: pytest.LogCaptureFixture):
    logger = logging.getLogger("dvc.output")
    with _without_noise(), caplog.at_level(logging.WARNING):
        logger.warning("'%s' is empty.", "takedowns.jsonl")
        logger.warning("'%s' is empty.", "corpus.jsonl")
    logger.warning("'%s' is empty.", "takedowns.jsonl")
    assert [record.getMessage() for record in caplog.records] == [
        "'corpus.jsonl' is empty.",
        "'takedowns.jsonl' is empty.",
    ]
