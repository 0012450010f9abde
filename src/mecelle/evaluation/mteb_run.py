"""One mteb task run on one model, with what its predictions tell of every unit."""

import json
import logging
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import datasets
from mteb.abstasks import AbsTask
from sklearn.exceptions import ConvergenceWarning, UndefinedMetricWarning

from mecelle.evaluation.units import Measured, measure

BATCH_TEXTS = 1_024
"""Texts that mteb hands over at a time; the model makes its own batches."""


def run_task(
    task: AbsTask, model: Any, *, split: str, subset: str = "default", ids: Sequence[str] | None = None
) -> Measured:
    """Evaluate `task` as `mteb.evaluate` does, and read the score of every unit from the predictions it writes.

    ids: of the items, in order; None numbers them.
    """
    logging.getLogger("mteb").setLevel(logging.ERROR)
    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # A rare label that is never predicted, a regression cut off after mteb's 100 steps: facts of the task.
        for expected in (UndefinedMetricWarning, ConvergenceWarning):
            warnings.simplefilter("ignore", expected)
        scores = task.evaluate(
            model,
            split,
            [subset],
            encode_kwargs={"batch_size": BATCH_TEXTS, "show_progress_bar": False},
            prediction_folder=Path(folder),
        )[subset]
        written = json.loads((Path(folder) / task.prediction_file_name).read_text(encoding="utf-8"))
    held: Any = task.dataset
    side = held.get(subset, held)[split]
    return measure(task, side, scores, written[subset][split], ids)
