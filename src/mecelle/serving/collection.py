"""The index that is served: opened anew as soon as another generation is in place."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mecelle.base.errors import ArtifactError, ConfigError, InputError
from mecelle.base.protocols import TextEncoder
from mecelle.corpus.takedown_log import read_takedowns
from mecelle.models.names import load_encoder
from mecelle.retrieval.config import Mode
from mecelle.retrieval.manifest import MANIFEST, Manifest, read_manifest
from mecelle.retrieval.reranking import load_reranker
from mecelle.retrieval.search import Filters, Hit, Searcher
from mecelle.serving.errors import note_fault, of_the_request
from mecelle.serving.questions import QuestionEncoder
from mecelle.serving.takedowns import named_ids
from mecelle.text.unicode import clean


@dataclass(slots=True)
class _Opened:
    searcher: Searcher
    marker: tuple[int, int, int]
    users: int = 0


class Collection:
    """An index with its model, for any number of threads.

    A takedown or a build puts another generation in place: the next call searches that one. What the log of takedowns
    names is not found, also while it is still in the files. If a generation or the log cannot be read, nothing is
    searched, rather than what has been taken down.
    """

    def __init__(
        self,
        index: Path,
        *,
        log: Path,
        most_questions: int,
        encoder: TextEncoder | None = None,
        reranker: str | None = None,
        device: str = "cpu",
    ) -> None:
        """Load index and models.

        log: of takedowns. most_questions: whose vectors are awaited at a time. encoder: the index's model if it is
        loaded already; reranker: folder or hub id; device: where both run, as torch names it.
        Raises ArtifactError, MismatchError or what loading a model raises.
        """
        self.index, self.log, self._most_questions, self._device = index, log, most_questions, device
        self._hidden: frozenset[str] = frozenset()
        self._seen: tuple[int, int, int] | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._encoder = self._questions(encoder) if encoder else None
        self._reranker = load_reranker(reranker, device=device) if reranker else None
        self._opened = self._open()

    @property
    def manifest(self) -> Manifest:
        """Of the generation that is open now."""
        return self._opened.searcher.manifest

    @property
    def encoder(self) -> QuestionEncoder | None:
        """The model of the vectors, if the index has any."""
        return self._encoder if self.manifest.model else None

    @property
    def waiting(self) -> int:
        """Questions that wait for their vectors."""
        return self._encoder.waiting if self._encoder else 0

    async def prepare(self, question: str, mode: Mode | None) -> Mode | None:
        """Have a question's vector computed together with those of others, before a thread is taken for its search.

        Returns how to search: as asked, or by words alone if the model fails and nobody asked for vectors by name.
        Raises ServiceError (503) if too many wait, ArtifactError if the model fails and vectors were asked for.
        """
        asked, encoder = clean(question).strip(), self.encoder
        if asked and encoder and (mode or self.manifest.mode) != "bm25":
            try:
                await encoder.prepare(asked)
            except ArtifactError as error:
                if mode:
                    raise
                note_fault(error)
                return "bm25"
        return mode

    @contextmanager
    def searcher(self) -> Iterator[Searcher]:
        """The newest generation, which stays open until the block ends."""
        opened = self._newest()
        try:
            yield opened.searcher
        finally:
            self._release(opened)

    def close(self) -> None:
        """Let go of the files, once nobody uses them; open none any more."""
        with self._lock:
            self._closed = True
            if self._encoder:
                self._encoder.close()
            if not self._opened.users:
                self._opened.searcher.close()

    def _newest(self) -> _Opened:
        with self._lock:
            if self._closed:
                raise ArtifactError(f"{self.index}: the collection was closed; start the service again")
            if self._marker() != self._opened.marker:
                before, self._opened = self._opened, self._open()
                if not before.users:
                    before.searcher.close()
            self._read_log()
            self._opened.searcher.hidden = self._hidden
            self._opened.users += 1
            return self._opened

    def _release(self, opened: _Opened) -> None:
        with self._lock:
            opened.users -= 1
            if not opened.users and (self._closed or opened is not self._opened):
                opened.searcher.close()

    def _open(self) -> _Opened:
        marker = self._marker()
        model = read_manifest(self.index).model
        if model and (self._encoder is None or self._encoder.fingerprint != model.fingerprint):
            self._encoder = self._questions(
                load_encoder(model.place(self.index), device=self._device, precision="auto")
            )
        encoder = self._encoder if model else None
        return _Opened(Searcher(self.index, encoder=encoder, reranker=self._reranker), marker)

    def _questions(self, encoder: TextEncoder) -> QuestionEncoder:
        return QuestionEncoder(encoder, most=self._most_questions)

    def _read_log(self) -> None:
        if (seen := _state(self.log)) != self._seen:
            self._hidden, self._seen = named_ids(read_takedowns(self.log)), seen

    def _marker(self) -> tuple[int, int, int]:
        if state := _state(self.index / MANIFEST):
            return state
        raise ArtifactError(f"{self.index}: no whole index is there; run `mecelle index build`")


def found_hits(
    searcher: Searcher,
    question: str,
    *,
    k: int,
    skip: int = 0,
    beyond: int = 0,
    mode: Mode | None = None,
    filters: Filters,
) -> tuple[list[Hit], Mode]:
    """The hits, and how they were searched: by words alone if the vectors fail and nobody asked for them by name.

    Raises ServiceError for what the request has wrong, ArtifactError and others for what this machine has.
    """
    wanted = mode or searcher.manifest.mode
    find = partial(searcher.search, question, k=k, skip=skip, beyond=beyond, filters=filters)
    with of_the_request():
        try:
            return find(mode=mode), wanted
        except Exception as error:
            if isinstance(error, InputError | ConfigError) or mode or wanted == "bm25":
                raise
            note_fault(error)
        return find(mode="bm25"), "bm25"


def _state(path: Path) -> tuple[int, int, int] | None:
    """What changes with a file; None if it is not there."""
    with suppress(FileNotFoundError):
        status = path.stat()
        return status.st_ino, status.st_mtime_ns, status.st_size
    return None
