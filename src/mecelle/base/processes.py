"""Worker processes that must not outlive the command that started them."""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from types import FrameType

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>
_on = False


@contextmanager
def children_die_with_parent() -> Iterator[None]:
    """The processes that are forked in this block leave Ctrl-C to the process that forked them, and die when it dies.

    The terminal sends Ctrl-C to all of them, and each would print where it was. The workers of a pool survive `kill -9`
    of their parent, hold its lock and go on writing: there the kernel kills them, on Linux only.
    """
    global _on
    _register()
    _on = True
    try:
        yield
    finally:
        _on = False


def follow_parent() -> None:
    """From here on this process leaves Ctrl-C to the one that forked it, and dies when that dies (on Linux)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


@contextmanager
def held_back_in_children() -> Iterator[None]:
    """The processes that are started in this block get Ctrl-C only when they ask for it.

    For processes that take long to import and are not forked: see `fork_server_start`. POSIX only.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def interrupted_between() -> Iterator[Callable[[], None]]:
    """Ctrl-C in this block is answered where the function that it gives is called, and at the end of the block.

    Elsewhere Python raises in the midst of whatever it is at. A pool that has just taken one of its locks then never
    gives it back, and the command hangs at its end. A second Ctrl-C is answered at once. In other threads than the main
    one, and where Ctrl-C is ignored, nothing changes.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield lambda: None
        return
    asked = False

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            before(number, frame)
        asked = True

    def answer() -> None:
        if asked:
            before(signal.SIGINT, None)

    signal.signal(signal.SIGINT, ask)
    try:
        yield answer
    except Exception:
        answer()  # what failed may be a child that Ctrl-C has ended
        raise
    finally:
        signal.signal(signal.SIGINT, before)
    answer()


@cache
def _register() -> None:
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_in_child)


def _in_child() -> None:
    if _on:
        follow_parent()
