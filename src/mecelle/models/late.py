"""Late-interaction models (ColBERT): a vector for each token, and documents ranked by MaxSim."""

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import require
from mecelle.base.protocols import Role
from mecelle.models.folders import fingerprint
from mecelle.models.loading import check_device, said_type, told_when_unloadable
from mecelle.models.quiet import quiet

TokenVectors = NDArray[np.float32]
"""Unit rows, one for each token of a text, shape (tokens, components)."""


def is_multi_vector(folder: Path) -> bool:
    """Whether `folder` holds a model with a vector for each token."""
    return said_type(folder) == "MultiVectorEncoder"


def maxsim(query_TD: TokenVectors, document_SD: TokenVectors) -> float:
    """Sum over the query's tokens of the greatest cosine with any token of the document; 0 for an empty document.

    Source: Khattab and Zaharia 2020 (arXiv 2004.12832), eq. 3.
    """
    if not len(document_SD):
        return 0.0
    return float((query_TD @ document_SD.T).max(axis=1).sum())


class LateInteraction:
    """A folder of sentence-transformers' `MultiVectorEncoder`."""

    def __init__(self, folder: Path, *, name: str, device: str = "cpu", batch_size: int = 32) -> None:
        """Raises ArtifactError if the folder does not load."""
        library = require("sentence_transformers", extra="train", why=f"The model {folder}")
        check_device(device)
        self.name, self.folder, self.batch_size = name, folder, batch_size
        self._lock = threading.Lock()
        """Of the tokenizer, which is switched between the lengths of queries and documents."""
        with quiet(), told_when_unloadable(folder, "a late-interaction model"):
            self.model: Any = library.MultiVectorEncoder(str(folder), device=device)

    @cached_property
    def fingerprint(self) -> str:
        """Hash of weights, tokenizer, prompts and lengths, which all lie in the folder."""
        return fingerprint(self.folder, {"kind": "late interaction"})

    def encode(self, texts: Sequence[str], *, role: Role = "document") -> list[TokenVectors]:
        """The vectors of the tokens of each text."""
        if not texts:
            return []
        encode = self.model.encode_query if role == "query" else self.model.encode_document
        with self._lock:
            found = encode(list(texts), batch_size=self.batch_size, show_progress_bar=False, convert_to_numpy=True)
        return [np.asarray(vectors, dtype=np.float32) for vectors in found]
