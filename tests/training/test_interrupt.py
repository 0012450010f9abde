"""Ctrl-C between two steps, never lost."""

import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from mecelle.training.interrupt import StopWhenAsked

NOTHING: Any = None


@pytest.fixture(autouse=True)
def as_at_a_terminal() -> Iterator[None]:
    """Workers of pytest-xdist ignore SIGINT: a command at a terminal has Python's own handler."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_the_step_is_finished_first() -> None:
    with StopWhenAsked() as stop:
        stop.on_step_end(NOTHING, NOTHING, NOTHING)
        signal.raise_signal(signal.SIGINT)  # inside a step: nothing is raised here, where it could be lost
        with pytest.raises(KeyboardInterrupt):
            stop.on_step_end(NOTHING, NOTHING, NOTHING)


def test_a_second_time_ends_it_at_once() -> None:
    with StopWhenAsked():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("error", [None, KeyboardInterrupt, RuntimeError], ids=["well", "asked", "failed"])
def test_afterwards_ctrl_c_means_what_it_meant(error: type[BaseException] | None) -> None:
    try:
        with StopWhenAsked():
            if error:
                raise error
    except (KeyboardInterrupt, RuntimeError):
        pass
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_in_another_thread_it_leaves_the_signal_alone() -> None:
    found: list[Any] = []

    def train() -> None:
        with StopWhenAsked():
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=train)
    thread.start()
    thread.join()
    assert found == [signal.default_int_handler]
