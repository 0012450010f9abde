"""Workers leave Ctrl-C to the process that started them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from mecelle.base.processes import children_die_with_parent, held_back_in_children, interrupted_between

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are forked here")


def answer_of_a_child() -> object:
    """How a forked process would answer Ctrl-C."""
    read, write = os.pipe()
    if os.fork() == 0:
        os.write(write, str(signal.getsignal(signal.SIGINT)).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        told = answer.read()
    os.wait()
    return told


def test_forked_workers_ignore_ctrl_c_within_the_block() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with children_die_with_parent():
            assert answer_of_a_child() == str(signal.SIG_IGN)
        assert "default_int_handler" in str(answer_of_a_child())
    finally:
        signal.signal(signal.SIGINT, before)


def test_what_is_started_in_the_block_gets_no_ctrl_c() -> None:
    code = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"
    with held_back_in_children():
        inside = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    outside = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert (inside, outside) == ("True\n", "False\n")


@pytest.fixture
def listening() -> Iterator[None]:
    """Ctrl-C means what it does in a command; workers of pytest-xdist ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("end", ["answered", "left", "failed"])
def test_ctrl_c_is_raised_where_it_can_be_answered(end: str) -> None:
    went_on = False

    def interrupted() -> None:
        nonlocal went_on
        with interrupted_between() as answer:
            answer()
            signal.raise_signal(signal.SIGINT)
            went_on = True
            if end == "answered":
                answer()
                pytest.fail("not raised")
            if end == "failed":
                raise EOFError

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert went_on
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("listening")
def test_a_second_ctrl_c_is_raised_at_once() -> None:
    def interrupted() -> None:
        with interrupted_between():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            pytest.fail("went on")

    with pytest.raises(KeyboardInterrupt):
        interrupted()


def test_an_ignored_ctrl_c_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupted_between() as answer:
            signal.raise_signal(signal.SIGINT)
            answer()
    finally:
        signal.signal(signal.SIGINT, before)
