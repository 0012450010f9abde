"""The half of a search that goes by meaning: the vectors of an open index, and the model that makes a question one."""

import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import ArtifactError, ConfigError, InputError, MecelleError, MismatchError
from mecelle.base.protocols import TextEncoder
from mecelle.models.names import load_encoder
from mecelle.retrieval.building import Plan, open_vectors
from mecelle.retrieval.manifest import Manifest
from mecelle.retrieval.matryoshka import cut
from mecelle.retrieval.vectors import VectorStore

Floats = NDArray[np.float32]

RETRY_SECONDS = 10.0
"""After vectors could not be opened, how long no search tries again: a server that hangs would hold up every one."""


class Meaning:
    """Vectors and model of one generation, each opened when a question first needs it; for any number of threads."""

    def __init__(self, index: Path, manifest: Manifest, *, encoder: TextEncoder | None, device: str) -> None:
        """encoder: the index's model if it is loaded already. Raises MismatchError if it is another."""
        self._index, self._manifest, self._device = index, manifest, device
        self._lock = threading.Lock()
        self._encoder = self._fitting(encoder) if encoder else None
        self._store: VectorStore | None = None
        self._failed: tuple[float, MecelleError] | None = None
        """When opening the vectors failed last, in seconds of the monotonic clock, and how."""
        if manifest.mode != "bm25":
            # Now, while the generation is there: a build may replace it before the first question comes.
            with suppress(MecelleError):  # a search by words can do without, any other raises it again
                self.store()

    @property
    def has_failed(self) -> bool:
        """Whether the vectors could not be opened when they were last wanted."""
        return self._store is None and self._failed is not None

    @contextmanager
    def opened(self) -> Iterator[VectorStore]:
        """The vectors. Raises ConfigError if the index has none.

        What is wrong with vectors, model or server inside the block becomes ArtifactError, whatever they raise: it is
        no fault of the question, which has InputError alone.
        """
        if self._manifest.model is None:
            raise ConfigError("this index has no vectors: build it with a model, or search with mode 'bm25'")
        try:
            yield self.store()
        except (InputError, ConfigError) as error:
            raise ArtifactError(f"{self._index}: its vectors cannot be searched: {error}") from error
        except MecelleError:
            raise
        except Exception as error:  # of a model, any; its message may repeat the question, which no log may hold
            raise ArtifactError(
                f"{self._index}: its vectors cannot be searched ({type(error).__name__}); search with mode 'bm25'"
            ) from error

    def store(self) -> VectorStore:
        """The vectors, of an index that has some. For `RETRY_SECONDS` after they could not be opened, raises that."""
        with self._lock:
            if self._store is None:
                if self._failed and time.monotonic() - self._failed[0] < RETRY_SECONDS:
                    error = self._failed[1]
                    raise type(error)(*error.args)
                try:
                    self._store = self._open()
                except MecelleError as error:
                    self._failed = time.monotonic(), error
                    raise
            return self._store

    def of_question(self, question: str) -> Floats:
        """The vector of a question, shape (kept dimensions,)."""
        model = self._manifest.model
        assert model is not None
        with self._lock:
            if self._encoder is None:
                self._encoder = self._fitting(
                    load_encoder(model.place(self._index), device=self._device, precision="auto")
                )
            encoder = self._encoder
        asked: Floats = cut(encoder.encode([question], role="query"), model.kept)[0]
        return asked

    def mean_of(self, points: Collection[int]) -> Floats:
        """The mean direction of vectors, shape (kept dimensions,), length 1."""
        mean = np.mean(list(self.store().vectors(points).values()), axis=0)
        direction: Floats = mean / np.linalg.norm(mean)
        return direction

    def close(self) -> None:
        """Let go of the files."""
        if self._store:
            self._store.close()

    def _open(self) -> VectorStore:
        return open_vectors(self._manifest.folder(self._index), Plan.of(self._manifest), may_create=False)

    def _fitting(self, encoder: TextEncoder) -> TextEncoder:
        model = self._manifest.model
        found = (encoder.fingerprint, encoder.dimension)
        if model is None or found != (model.fingerprint, model.dimension):
            made = f"{model.name} ({model.fingerprint[:8]}, {model.dimension} dimensions)" if model else "no model"
            raise MismatchError(
                f"{self._index} was made with {made}, but the model is now {encoder.name} ({found[0][:8]}, {found[1]} "
                "dimensions); build the index again with this model, or search with mode 'bm25'"
            )
        return encoder
