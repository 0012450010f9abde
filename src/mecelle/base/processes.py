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


@cache
def _register() -> None:
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_in_child)


def _in_child() -> None:
    if not _on:
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
