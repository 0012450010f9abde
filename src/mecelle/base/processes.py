"""Worker processes that must not outlive the command that started them."""

import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>
_on = False


@contextmanager
def children_die_with_parent() -> Iterator[None]:
    """Have the kernel kill the processes that are forked in this block when the process that forked them dies.

    The workers of a pool survive `kill -9` of their parent, hold its lock and go on writing. Linux only; elsewhere
    nothing happens.
    """
    global _on
    if sys.platform == "linux":
        _register()
    _on = True
    try:
        yield
    finally:
        _on = False


@cache
def _register() -> None:
    os.register_at_fork(after_in_child=_die_with_parent)


def _die_with_parent() -> None:
    if _on:
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
