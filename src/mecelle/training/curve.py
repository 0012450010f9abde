"""The training curve: one point per log, from the Trainer's own history, so that a resumed run has the same.

How fast it went is no part of it: the curve is in the artifact, whose bytes depend on inputs and parameters alone.
`Speed` writes that beside the checkpoints.
"""

import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from mecelle.training.order import Order, permutation

NAMES = {
    "loss": "train_loss",
    "learning_rate": "lr",
    "grad_norm": "grad_norm",
    "eval_loss": "eval_loss",
    "eval_accuracy": "eval_accuracy",
}
"""Names of the Trainer and of the curve."""


def read_curve(history: list[dict[str, Any]], order: Order, used: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Points {step, tokens, train_loss, lr, grad_norm} and, where it was evaluated, {eval_loss, eval_accuracy}.

    tokens: seen so far, padding left out; losses: nats per predicted token, train_loss the mean since the last point;
    grad_norm: of the step itself, before clipping. used: tokens of each row that are no padding.
    """
    points: dict[int, dict[str, Any]] = {}
    for entry in history:
        values = {ours: entry[theirs] for theirs, ours in NAMES.items() if theirs in entry}
        if values:
            points.setdefault(entry["step"], {}).update(values)
    return [{"step": step, "tokens": tokens_seen(order, used, steps=step), **points[step]} for step in sorted(points)]


def tokens_seen(order: Order, used: NDArray[np.int64], *, steps: int) -> int:
    """Tokens of the first `steps` steps, padding left out.

    used: tokens of each row that are no padding.
    """
    epochs, more = divmod(steps * order.rows_per_step, order.rows)
    return int(epochs * used.sum() + used[permutation(order.rows, seed=order.seed, epoch=epochs)[:more]].sum())


def write_curve(path: Path, curve: list[dict[str, Any]]) -> None:
    """Write the points, one JSON object a line."""
    path.write_bytes(b"".join(orjson.dumps(point, option=orjson.OPT_APPEND_NEWLINE) for point in curve))


class Speed(TrainerCallback):
    """Appends {step, loss, tokens_per_second, step_tokens_per_second} to a file at every log.

    tokens_per_second: since the last log, all that the run did. step_tokens_per_second: of the median step since then,
    from its begin to its end, so without data preparation, checkpoints and evaluations, which come between steps.
    """

    def __init__(self, path: Path, *, tokens_per_step: int) -> None:
        self.path = path
        self.tokens_per_step = tokens_per_step
        self._step, self._clock, self._began = 0, 0.0, 0.0
        self._seconds: list[float] = []

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._step, self._clock = state.global_step, time.monotonic()

    def on_step_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._began = time.monotonic()

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._seconds.append(time.monotonic() - self._began)

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        steps, now = state.global_step - self._step, time.monotonic()
        if not state.is_world_process_zero or not steps:
            return
        row = {
            "step": state.global_step,
            "loss": (logs or {}).get("loss"),
            "tokens_per_second": round(steps * self.tokens_per_step / (now - self._clock), 1),
            "step_tokens_per_second": round(self.tokens_per_step / median(self._seconds), 1),
        }
        with self.path.open("ab") as file:
            file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
        self._step, self._clock, self._seconds = state.global_step, now, []
