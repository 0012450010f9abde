"""Ctrl-C between two steps, never lost."""

import signal
from typing import Any

import pytest

from mecelle.training.interrupt import StopWhenAsked

NOTHING: Any = None


@pytest.fixture
def callback() -> Any:
    # Workers of pytest-xdist ignore SIGINT: a command at a terminal has Python's own handler.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    made = StopWhenAsked()
    made.on_train_begin(NOTHING, NOTHING, NOTHING)
    yield made
    signal.signal(signal.SIGINT, before)


def test_the_step_is_finished_first(callback: StopWhenAsked) -> None:
    callback.on_step_end(NOTHING, NOTHING, NOTHING)
    signal.raise_signal(signal.SIGINT)  # inside a step: nothing is raised here, where it could be lost
    with pytest.raises(KeyboardInterrupt):
        callback.on_step_end(NOTHING, NOTHING, NOTHING)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)  # as before the training


def test_a_second_time_ends_it_at_once(callback: StopWhenAsked) -> None:
    signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_a_finished_training_leaves_no_handler() -> None:
    before = signal.getsignal(signal.SIGINT)
    callback = StopWhenAsked()
    callback.on_train_begin(NOTHING, NOTHING, NOTHING)
    callback.on_train_end(NOTHING, NOTHING, NOTHING)
    assert signal.getsignal(signal.SIGINT) is before
