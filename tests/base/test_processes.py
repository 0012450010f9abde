"""Workers leave Ctrl-C to the process that started them."""

import os
import signal
import subprocess
import sys

import pytest

from mecelle.base.processes import children_die_with_parent, held_back_in_children

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
