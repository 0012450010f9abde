"""The vectors of questions: those that come at the same time are computed together, and the last ones are kept."""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mecelle.base.protocols import Role, TextEncoder

Floats = NDArray[np.float32]

_KEPT = 1_024
_AT_ONCE = 8
"""More of them cost as much each as eight, and the first would wait for the last."""


class QuestionEncoder:
    """A `TextEncoder` for any number of threads that remembers the vectors of its last questions.

    Eight short questions together cost the shipped model about as much as three alone (docs/results/search.md):
    `prepare` gathers those that wait for one another anyhow.
    """

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder
        self.name, self.fingerprint, self.dimension = encoder.name, encoder.fingerprint, encoder.dimension
        self._known: OrderedDict[str, Floats] = OrderedDict()
        self._lock = threading.Lock()
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._running: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mecelle-questions")

    def encode(self, texts: Sequence[str], *, role: Role = "document") -> Floats:
        """As the encoder does; the vectors of questions that are known are not computed again."""
        if role != "query":
            return self._encoder.encode(texts, role=role)
        with self._lock:
            found = {text: self._known[text] for text in texts if text in self._known}
        if missing := [text for text in dict.fromkeys(texts) if text not in found]:
            found |= dict(zip(missing, self._encoder.encode(missing, role=role), strict=True))
            self._keep(found)
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = found[text]
        return vectors

    async def prepare(self, question: str) -> None:
        """Return when the question's vector is known, or cannot be: then `encode` raises what is wrong with it."""
        with self._lock:
            if question in self._known:
                return
        told = self._waiting.get(question)
        if told is None:
            told = self._waiting[question] = asyncio.get_running_loop().create_future()
        if self._running is None:
            self._running = asyncio.create_task(self._work())
        await asyncio.shield(told)  # whoever runs out of time does not take it from the others

    def close(self) -> None:
        """Start nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                batch = dict(list(self._waiting.items())[:_AT_ONCE])
                with suppress(Exception):  # whatever it is, the search raises it again, where it can be told
                    await loop.run_in_executor(self._thread, partial(self.encode, list(batch), role="query"))
                for text, told in batch.items():
                    del self._waiting[text]
                    told.set_result(None)
        finally:
            self._running = None

    def _keep(self, vectors: dict[str, Floats]) -> None:
        with self._lock:
            self._known.update(vectors)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
