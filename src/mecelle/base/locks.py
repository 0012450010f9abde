"""One writer per folder: a lock that the operating system frees when its holder dies, and that names the holder."""

import os
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from mecelle.base.errors import LockedError

INTERRUPTED_NOTE = "MECELLE_INTERRUPTED"
"""Environment variable with a file that a stage touches when Ctrl-C ends it: DVC tells its caller of a failure only."""


@contextmanager
def lock(path: Path, *, doing: str, wait: bool | float = False) -> Iterator[None]:
    """Hold the lock file `path` while `doing` something.

    The lock is the kernel's (flock), so that `kill -9` frees it, and a trainer that outlives a killed `mecelle run`
    keeps it. wait: whether to wait until that is done, or for how many seconds at most.
    Raises LockedError with the process that holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    owner_path = path.with_name(path.name + ".owner")
    kernel_lock = FileLock(path)
    try:
        kernel_lock.acquire(timeout=-1 if wait is True else float(wait))
    except Timeout:
        raise LockedError(f"{path.parent}: {describe_owner(path)}; wait for it, or stop it first") from None
    try:
        owner_path.write_text(f"{os.getpid()}\n{doing}\n", encoding="utf-8")
        yield
    finally:
        owner_path.unlink(missing_ok=True)
        kernel_lock.release()


def is_locked(path: Path) -> bool:
    """Whether some live process holds the lock file `path`."""
    if not path.exists():
        return False
    kernel_lock = FileLock(path)
    try:
        kernel_lock.acquire(timeout=0)
    except Timeout:
        return True
    kernel_lock.release()
    return False


def describe_owner(path: Path) -> str:
    """Who holds the lock file `path`: `process 4711 (mecelle encoder pretrain) is at work here: pre-training`."""
    try:
        pid, doing = path.with_name(path.name + ".owner").read_text(encoding="utf-8").splitlines()[:2]
        words = " ".join(psutil.Process(int(pid)).cmdline()[:6]).split()
        command = textwrap.shorten(" ".join(words), 100, placeholder=" ...")
    except (OSError, ValueError, psutil.Error):
        return "another process is at work here"
    return f"process {pid} ({command}) is at work here: {doing}"
