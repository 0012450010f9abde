"""Our models as mteb sees them: an encoder behind a cache, and BM25 as a search."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch
from mteb.models import ModelMeta
from mteb.types import PromptType
from numpy.typing import NDArray
from torch import Tensor

from mecelle.base.protocols import Role
from mecelle.evaluation.vectors import Vectors
from mecelle.retrieval.bm25 import Bm25, Bm25Config


class MtebEncoder:
    """mteb's `EncoderProtocol` over a `TextEncoder`.

    Texts of tasks without two sides (classification, clustering, STS, pairs) are encoded as queries, as E5's authors
    advise for symmetric tasks; a model without prompts does not notice.
    """

    def __init__(self, vectors: Vectors, revision: str | None = None, *, device: str | None = None, **_: Any) -> None:
        self.vectors = vectors
        self.mteb_model_meta = _meta(vectors.encoder.name, revision or vectors.encoder.fingerprint)

    def encode(
        self, inputs: Iterable[Mapping[str, Any]], *, prompt_type: PromptType | None = None, **_: Any
    ) -> NDArray[Any]:
        """Unit vectors, one row per text of the batches."""
        role: Role = "document" if prompt_type == PromptType.document else "query"
        return self.vectors.encode([text for batch in inputs for text in batch["text"]], role=role)

    def similarity(self, embeddings1: Any, embeddings2: Any) -> Tensor:
        """Cosines of all rows with all rows."""
        return torch.as_tensor(embeddings1) @ torch.as_tensor(embeddings2).T

    def similarity_pairwise(self, embeddings1: Any, embeddings2: Any) -> Tensor:
        """Cosine of each row with the row at the same place."""
        return (torch.as_tensor(embeddings1) * torch.as_tensor(embeddings2)).sum(dim=1)


class MtebBm25:
    """mteb's `SearchProtocol` over BM25 with Turkish stems: for retrieval tasks only."""

    def __init__(self, name: str, config: Bm25Config) -> None:
        self.config = config
        self.mteb_model_meta = _meta(name, config.model_dump_json())
        self._index: Bm25 | None = None

    def index(self, corpus: Any, **_: Any) -> None:
        """Count the terms of mteb's rows {id, text, title}."""
        self._index = Bm25.build(self.rows(corpus), self.config)

    @staticmethod
    def rows(corpus: Any) -> Iterator[tuple[str, str]]:
        """Id and text of mteb's rows, the title before the text."""
        titles = corpus["title"] if "title" in corpus.column_names else [""] * len(corpus)
        texts = (f"{title} {text}".strip() for title, text in zip(titles, corpus["text"], strict=True))
        return zip(corpus["id"], texts, strict=True)

    def search(self, queries: Any, *, top_k: int, **_: Any) -> dict[str, dict[str, float]]:
        """Query id -> document id -> score, the best `top_k` that share a term."""
        assert self._index is not None, "mteb indexes before it searches"
        rows = zip(queries["id"], queries["text"], strict=True)
        return {identifier: dict(self._index.rank(text, top_k)) for identifier, text in rows}


def _meta(name: str, revision: str) -> ModelMeta:
    # mteb wants owner/name; ours have none.
    owned = (
        name
        if name.count("/") == 1 and not name.startswith(("/", ".", "~"))
        else f"mecelle/{name.strip('/').replace('/', '-')}"
    )
    return ModelMeta.create_empty({"name": owned, "revision": revision})
