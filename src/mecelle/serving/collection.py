"""The index that is served: opened anew as soon as another generation is in place."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mecelle.base.errors import ArtifactError
from mecelle.base.protocols import TextEncoder
from mecelle.models.names import load_encoder
from mecelle.retrieval.manifest import MANIFEST, Manifest, read_manifest
from mecelle.retrieval.reranking import load_reranker
from mecelle.retrieval.search import Searcher


@dataclass(slots=True)
class _Opened:
    searcher: Searcher
    marker: tuple[int, int, int]
    users: int = 0


class Collection:
    """An index with its model, for any number of threads.

    A takedown or a build puts another generation in place: the next call searches that one. If it cannot be opened,
    nothing is searched, rather than what has been taken down.
    """

    def __init__(self, index: Path, *, encoder: TextEncoder | None = None, reranker: str | None = None) -> None:
        """Load index and models. encoder: the index's model if it is loaded already; reranker: folder or hub id.

        Raises ArtifactError, MismatchError or what loading a model raises.
        """
        self.index = index
        self._lock = threading.Lock()
        self._encoder = encoder
        self._reranker = load_reranker(reranker) if reranker else None
        self._opened = self._open()

    @property
    def manifest(self) -> Manifest:
        """Of the generation that is open now."""
        return self._opened.searcher.manifest

    @property
    def encoder(self) -> TextEncoder | None:
        """The model of the vectors, if the index has any."""
        return self._encoder if self.manifest.model else None

    @contextmanager
    def searcher(self) -> Iterator[Searcher]:
        """The newest generation, which stays open until the block ends."""
        opened = self._newest()
        try:
            yield opened.searcher
        finally:
            self._release(opened)

    def close(self) -> None:
        """Let go of the files, once nobody uses them."""
        with self._lock:
            self._opened.marker = (-1, -1, -1)
            if not self._opened.users:
                self._opened.searcher.close()

    def _newest(self) -> _Opened:
        with self._lock:
            if self._marker() != self._opened.marker:
                before, self._opened = self._opened, self._open()
                if not before.users:
                    before.searcher.close()
            self._opened.users += 1
            return self._opened

    def _release(self, opened: _Opened) -> None:
        with self._lock:
            opened.users -= 1
            if not opened.users and opened is not self._opened:
                opened.searcher.close()

    def _open(self) -> _Opened:
        marker = self._marker()
        model = read_manifest(self.index).model
        if model and (self._encoder is None or self._encoder.fingerprint != model.fingerprint):
            self._encoder = load_encoder(model.place(self.index))
        encoder = self._encoder if model else None
        return _Opened(Searcher(self.index, encoder=encoder, reranker=self._reranker), marker)

    def _marker(self) -> tuple[int, int, int]:
        with suppress(FileNotFoundError):
            status = (self.index / MANIFEST).stat()
            return status.st_ino, status.st_mtime_ns, status.st_size
        raise ArtifactError(f"{self.index}: no whole index is there; run `mecelle index build`")
