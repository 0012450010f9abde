"""Re-rankers: models that read question and passage again, word by word, for the best of a search."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import orjson
from numpy.typing import NDArray

from mecelle.base.errors import ArtifactError, require
from mecelle.base.protocols import Role
from mecelle.models.folders import find_folder, is_sentence_transformer
from mecelle.models.late import LateInteraction, TokenVectors, is_multi_vector, maxsim
from mecelle.models.loading import check_device, said_type, told_when_unloadable
from mecelle.models.quiet import quiet


class Reranker(Protocol):
    """Scores passages for a question. Scores compare within one call; a higher one fits better."""

    @property
    def name(self) -> str:
        """What a person calls the model."""

    def score(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """One score per passage, shape (len(passages),)."""


class _TokenEncoder(Protocol):
    @property
    def name(self) -> str: ...

    def encode(self, texts: Sequence[str], *, role: Role) -> list[TokenVectors]: ...


class LateReranker:
    """Late interaction: for each token of the question its nearest in the passage (ColBERT, arXiv:2004.12832)."""

    def __init__(self, model: _TokenEncoder) -> None:
        """model: `mecelle.models.late.LateInteraction`, or what encodes as it does."""
        self.model, self.name = model, model.name

    def score(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """MaxSim of each passage."""
        [asked_TD] = self.model.encode([question], role="query")
        found = self.model.encode(passages, role="document")
        return np.array([maxsim(asked_TD, passage_SD) for passage_SD in found], dtype=np.float32)


class CrossReranker:
    """A cross-encoder: question and passage in one text (arXiv:1901.04085); a folder of sentence-transformers."""

    def __init__(self, folder: Path, *, name: str, device: str = "cpu", batch_size: int = 32) -> None:
        """Raises ArtifactError if the folder does not load as a cross-encoder with one output."""
        library = require("sentence_transformers", extra="train", why=f"The re-ranker {folder}")
        check_device(device)
        _check_cross_encoder(folder)
        self.name, self.batch_size = name, batch_size
        with quiet(), told_when_unloadable(folder, "a cross-encoder with one output"):
            self._model: Any = library.CrossEncoder(str(folder), device=device)
            if self._model.num_labels != 1:
                raise ValueError(f"it has {self._model.num_labels} outputs")

    def score(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """The model's output for each pair."""
        pairs = [(question, passage) for passage in passages]
        found = self._model.predict(pairs, batch_size=self.batch_size, show_progress_bar=False)
        return np.asarray(found, dtype=np.float32).reshape(len(pairs))


def _check_cross_encoder(folder: Path) -> None:
    """Raise ArtifactError unless `folder` says that it is a cross-encoder.

    Whatever else can read text would be given a head of random weights, and rank at random.
    """
    if is_sentence_transformer(folder):
        found = said_type(folder) or "SentenceTransformer"  # as older versions left it
        fits = found == "CrossEncoder"
    else:
        with told_when_unloadable(folder, "a cross-encoder"):
            found = ", ".join(orjson.loads((folder / "config.json").read_bytes()).get("architectures") or ["unknown"])
        fits = found.endswith("ForSequenceClassification")
    if not fits:
        raise ArtifactError(
            f"{folder}: holds a '{found}', which cannot re-rank; give a cross-encoder (CrossEncoder, or an "
            "architecture that ends in ForSequenceClassification) or a late-interaction model (MultiVectorEncoder)"
        )


def load_reranker(name: str | Path, *, device: str = "cpu") -> Reranker:
    """The re-ranker in a folder or under a hub id: late interaction if it has a vector for each token, else cross.

    Raises ArtifactError if it is neither.
    """
    folder = find_folder(name)
    if is_multi_vector(folder):
        return LateReranker(LateInteraction(folder, name=str(name), device=device))
    return CrossReranker(folder, name=str(name), device=device)
