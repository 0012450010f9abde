"""Ctrl-C and SIGTERM between two steps, never lost."""

import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from mecelle.base.errors import Interrupted
from mecelle.training.interrupt import Stop, StopWhenAsked

NOTHING: Any = None


@pytest.fixture(autouse=True)
def as_at_a_terminal() -> Iterator[None]:
    """Workers of pytest-xdist ignore SIGINT: a command at a terminal has Python's own handler."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler), signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGINT, before[0])
    signal.signal(signal.SIGTERM, before[1])


def train(*signals: int, stop: Stop) -> list[str]:
    """What was done under `stop`, each signal raised within a step."""
    done = []
    try:
        with stop:
            for number in signals:
                signal.raise_signal(number)  # nothing is raised at the first, here where it could be lost
                done.append("step")
                if isinstance(stop, StopWhenAsked):
                    stop.on_step_end(NOTHING, NOTHING, NOTHING)
                    done.append("next step")
    except Interrupted as asked:
        done.append(signal.Signals(asked.number).name)
    return done


def test_the_step_is_finished_first() -> None:
    StopWhenAsked().on_step_end(NOTHING, NOTHING, NOTHING)
    assert train(signal.SIGINT, stop=StopWhenAsked()) == ["step", "SIGINT"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_time_ends_it_at_once(number: signal.Signals) -> None:
    assert train(number, number, number, stop=Stop()) == ["step", number.name]


def test_torchrun_s_own_signal_is_no_second_time() -> None:
    assert train(signal.SIGINT, signal.SIGTERM, stop=Stop()) == ["step", "step", "SIGINT"]


def test_asked_after_the_last_look_is_not_lost() -> None:
    assert train(signal.SIGTERM, stop=Stop()) == ["step", "SIGTERM"]


@pytest.mark.parametrize("error", [None, KeyboardInterrupt, RuntimeError], ids=["well", "asked", "failed"])
def test_afterwards_ctrl_c_means_what_it_meant(error: type[BaseException] | None) -> None:
    try:
        with StopWhenAsked():
            if error:
                raise error
    except (KeyboardInterrupt, RuntimeError):
        pass
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_in_another_thread_it_leaves_the_signal_alone() -> None:
    found: list[Any] = []

    def work() -> None:
        with StopWhenAsked():
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [signal.default_int_handler]
