"""Threads for what blocks: so many at a time, so many waiting, no one longer than its time."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import ParamSpec, TypeVar

from mecelle.serving.errors import busy, too_late

P = ParamSpec("P")
R = TypeVar("R")


def share_cores(threads: int) -> None:
    """Set this process up for so many threads that search: they wait for one another as little as possible."""
    # SQLite lets go of Python's lock at every row, and by default a thread waits 5 ms to have it back.
    sys.setswitchinterval(0.0005)
    if torch := sys.modules.get("torch"):  # loaded if the index has a model
        torch.set_num_threads(max(1, (os.cpu_count() or 1) // threads))


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """Ends the block after `seconds`, with ServiceError (504)."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise too_late(seconds) from None


class Workers:
    """A bounded pool. What outlives its time keeps its thread until it ends, so that threads are never more."""

    def __init__(self, *, threads: int, waiting: int) -> None:
        self._most = threads + waiting
        self._unfinished = 0
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="mecelle-search")

    @property
    def unfinished(self) -> int:
        """Calls that run or wait."""
        return self._unfinished

    async def run(self, seconds: float, call: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """What `call` returns. Raises ServiceError: 503 at once if too many wait, 504 after `seconds`."""
        if self._unfinished >= self._most:
            raise busy()
        self._unfinished += 1
        future = self._pool.submit(partial(call, *args, **kwargs))
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: _tell(loop, self._finished))
        async with within(seconds):
            return await asyncio.wrap_future(future)

    def _finished(self) -> None:
        self._unfinished -= 1

    def close(self) -> None:
        """Start nothing more, and do not wait for what runs."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _tell(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(call)
