"""Ctrl-C ends a training between two steps."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


class StopWhenAsked(TrainerCallback):
    """Raises KeyboardInterrupt at the end of the step in which Ctrl-C came; a second Ctrl-C ends it at once.

        with StopWhenAsked() as stop:
            trainer.add_callback(stop)
            trainer.train()

    Python raises KeyboardInterrupt wherever it happens to be: inside a destructor or a callback of a library it is
    printed and lost, and the training goes on as if nobody had asked. Outside the block, and in other threads than the
    main one, Ctrl-C means what it meant before, whatever ended the training.
    """

    def __init__(self) -> None:
        self._asked = False
        self._before: Any = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if self._asked:
            raise KeyboardInterrupt

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True
