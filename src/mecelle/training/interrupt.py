"""Ctrl-C ends a training between two steps."""

import signal
import threading
from types import FrameType
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


class StopWhenAsked(TrainerCallback):
    """Raises KeyboardInterrupt at the end of the step in which Ctrl-C came; a second Ctrl-C ends it at once.

    Python raises KeyboardInterrupt wherever it happens to be: inside a destructor or a callback of a library it is
    printed and lost, and the training goes on as if nobody had asked.
    """

    def __init__(self) -> None:
        self._asked = False
        self._before: Any = signal.SIG_DFL

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._ask)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if self._asked:
            self._restore()
            raise KeyboardInterrupt

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._restore()

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self._asked:
            self._restore()
            raise KeyboardInterrupt
        self._asked = True

    def _restore(self) -> None:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._before)
