"""The vectors of questions: those that come at the same time are computed together, and the last ones are kept."""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import ArtifactError, MecelleError
from mecelle.base.protocols import Role, TextEncoder
from mecelle.serving.errors import busy

Floats = NDArray[np.float32]

_KEPT = 1_024
_AT_ONCE = 8
"""More of them cost as much each as eight, and the first would wait for the last."""


@dataclass(slots=True)
class _Awaited:
    """A question whose vector is awaited."""

    told: asyncio.Future[BaseException | None]
    """Why there is no vector, None if there is one."""
    waiters: int = 0


class QuestionEncoder:
    """A `TextEncoder` for any number of threads that remembers the vectors of its last questions.

    Eight short questions together cost the shipped model about as much as three alone (docs/results/search.md):
    `prepare` gathers those that wait for one another anyhow. In bf16 a vector differs a little by its batch.
    """

    def __init__(self, encoder: TextEncoder, *, most: int) -> None:
        """most: calls of `prepare` that run or wait at a time."""
        self._encoder = encoder
        self.name, self.fingerprint, self.dimension = encoder.name, encoder.fingerprint, encoder.dimension
        self._known: OrderedDict[str, Floats] = OrderedDict()
        self._lock = threading.Lock()
        self._most = most
        self._awaited: dict[str, _Awaited] = {}
        self._running: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mecelle-questions")

    @property
    def waiting(self) -> int:
        """Calls of `prepare` that run or wait."""
        return sum(one.waiters for one in self._awaited.values())

    def encode(self, texts: Sequence[str], *, role: Role = "document") -> Floats:
        """As the encoder does; the vectors of questions that are known are not computed again."""
        if role != "query":
            return self._encoder.encode(texts, role=role)
        found = {text: vector for text in texts if (vector := self._look_up(text)) is not None}
        if missing := [text for text in dict.fromkeys(texts) if text not in found]:
            computed = dict(zip(missing, self._encoder.encode(missing, role=role), strict=True))
            self._keep(computed)
            found |= computed
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = found[text]
        return vectors

    async def prepare(self, question: str) -> None:
        """Return when the question's vector is known.

        A question that everybody left before its turn is not computed. Raises ServiceError (503) at once if too many
        wait, ArtifactError if the encoder fails at this question, whatever it raises.
        """
        if self._look_up(question) is not None:
            return
        if self.waiting >= self._most:
            raise busy()
        one = self._awaited.get(question)
        if one is None:
            one = self._awaited[question] = _Awaited(asyncio.get_running_loop().create_future())
        if self._running is None:
            self._running = asyncio.create_task(self._work())
        one.waiters += 1
        try:
            error = await asyncio.shield(one.told)  # whoever runs out of time does not take it from the others
        finally:
            one.waiters -= 1
        if error:
            why = error if isinstance(error, MecelleError) else type(error).__name__  # others may repeat the question
            raise ArtifactError(f"the model '{self.name}' cannot embed a question: {why}") from error

    def close(self) -> None:
        """Start nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _work(self) -> None:
        try:
            while batch := self._next():
                error = await self._failure(batch)
                for text in batch:
                    # Another's question may be what it failed at.
                    self._tell(text, await self._failure([text]) if error and len(batch) > 1 else error)
        finally:  # the service ends, or its loop: nobody is left waiting
            self._running = None
            for text in list(self._awaited):
                self._tell(text, asyncio.CancelledError())

    def _next(self) -> list[str]:
        """The next batch, without questions that everybody left."""
        self._awaited = {text: one for text, one in self._awaited.items() if one.waiters}
        return list(self._awaited)[:_AT_ONCE]

    async def _failure(self, texts: Sequence[str]) -> BaseException | None:
        """Compute vectors; why that failed, None if it did not."""

        def call() -> BaseException | None:
            try:
                self.encode(texts, role="query")
            except BaseException as error:  # a panic in Rust is no Exception
                return error
            return None

        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, call)
        except RuntimeError as closed:
            return closed

    def _tell(self, text: str, error: BaseException | None) -> None:
        told = self._awaited.pop(text).told
        if not told.done():
            told.set_result(error)

    def _look_up(self, text: str) -> Floats | None:
        with self._lock:
            if text in self._known:
                self._known.move_to_end(text)
            return self._known.get(text)

    def _keep(self, vectors: dict[str, Floats]) -> None:
        with self._lock:
            self._known.update(vectors)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
