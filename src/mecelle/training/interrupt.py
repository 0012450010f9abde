"""Ctrl-C and SIGTERM end a training between two steps."""

import os
import signal
import sys
import threading
from types import FrameType, TracebackType
from typing import Any, Self

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from mecelle.base.errors import Interrupted

SIGNALS = (signal.SIGINT, signal.SIGTERM)
ANSWER = "\nStopping after this step; once more stops at once.\n"


class Stop:
    """Remembers the first SIGINT or SIGTERM that comes in its block; the same one again raises Interrupted at once.

    Python raises KeyboardInterrupt wherever it happens to be: inside a destructor or a callback of a library it is
    printed and lost, and the training goes on as if nobody had asked. Who holds a Stop looks at `asked` between two
    steps; what nobody looked at is raised at the end of the block. Outside it, and in other threads than the main one,
    signals mean what they meant before, whatever ended the training.
    """

    def __init__(self) -> None:
        self.asked: int | None = None
        """Number of the signal that came first."""
        self._came: set[int] = set()
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._ask) for number in SIGNALS}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self.asked is not None and error is None:
            raise self.interrupted()

    def interrupted(self, message: str = "") -> Interrupted:
        """What is to be raised for the signal that came; without a message the command says its own."""
        return Interrupted(message, number=self.asked or signal.SIGINT)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        # torchrun answers Ctrl-C with a SIGTERM of its own to processes that the terminal has told already.
        again = number in self._came
        self._came.add(number)
        if self.asked is None:
            self.asked = number
            if sys.stderr.isatty():
                os.write(2, ANSWER.encode())  # Python's own streams may be at work where the signal struck
        if again:
            raise self.interrupted()


class StopWhenAsked(Stop, TrainerCallback):
    """Ends a training without checkpoints at the end of the step in which it was asked to.

    with StopWhenAsked() as stop:
        trainer.add_callback(stop)
        trainer.train()
    """

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if self.asked is not None:
            raise self.interrupted()
