"""Parameters of an index."""

from typing import Literal, Self

from pydantic import Field, model_validator

from mecelle.base.config import Config
from mecelle.documents.config import ExtractConfig
from mecelle.retrieval.bm25 import Bm25Config
from mecelle.retrieval.fusion import CONSTANT, Fusion

Mode = Literal["bm25", "dense", "hybrid"]
"""By words, by meaning, or by both fused."""

Cutting = Literal["structure", "fixed"]
"""structure: no passage crosses a section of a decision or an article of an act; fixed: by length alone."""


class VectorConfig(Config):
    """Where vectors lie and how near ones are found: an HNSW graph of Qdrant (arXiv:1603.09320)."""

    dimensions: int | Literal["auto"] | None = "auto"
    """Leading components that are kept (Matryoshka, arXiv:2205.13147); None: all. "auto": the least cut of 256 or more
    that the model was trained for, as its run record tells; all of a model without a record."""
    storage: Literal["int8", "float32"] = "int8"
    """What a search compares. int8: a byte per component in memory, whole vectors on disk for rescoring."""
    rescore: bool = True
    """Whether candidates are compared again by their whole vectors; int8 alone."""
    oversampling: float = Field(default=3.0, ge=1.0)
    """Candidates that are rescored with whole vectors, for each result asked for; int8 alone."""
    quantile: float = Field(default=0.99, gt=0.5, le=1.0)
    """Share of all components that the range of a byte spans; what lies beyond is cut off."""
    links: int = Field(default=16, ge=4)
    """Edges per node of the graph (m): more find better and take more memory."""
    build_candidates: int = Field(default=128, ge=4)
    """Nodes looked at when one is added (ef_construct)."""
    search_candidates: int = Field(default=512, ge=1)
    """Nodes looked at in a search (ef); never fewer than the results asked for. 128 finds 97.3% of the ten nearest of
    38,076 articles, 512 99.6%, for 0.56 ms in the place of 0.20 (docs/results/search.md)."""
    exact_below_kib: int = Field(default=10_000, ge=1)
    """Collections with less than this many KiB of vectors are compared one by one, which is exact."""
    server: str | None = None
    """URL of a Qdrant server; None keeps the vectors in files of the index."""
    server_key_variable: str | None = None
    """Environment variable that holds the server's key; the key itself is never written down."""
    collection: str = Field(default="mecelle", min_length=1)
    """First part of the collection's name on the server; an id of the index and a hash of model and settings follow."""


class IndexConfig(Config):
    """How documents become an index, and how it answers when the question does not say."""

    cutting: Cutting = "structure"
    """What passages keep to: sections and articles, or their length alone."""
    passage_words: int = Field(default=220, ge=10)
    """Most words in a passage."""
    overlap_words: int = Field(default=40, ge=0)
    """Words that a passage shares with the one before it."""
    mode: Mode | Literal["auto"] = "auto"
    """How to search: "auto" is hybrid with a model and BM25 without one; an evaluation may know better."""
    candidates: int = Field(default=100, ge=1)
    """Passages that each kind of search offers for fusion, at least; ten for each result asked for if that is more."""
    fusion: Fusion = "scores"
    """How both rankings become one, by `scores` or by `ranks`. scores: their mean from 0 (of the last candidate; of
    BM25, its own 0 if the candidates are all that share a word) to 1 (of the first); ranks: reciprocal ranks."""
    fusion_constant: float = Field(default=CONSTANT, ge=0.0)
    """Constant of reciprocal ranks."""
    dense_weight: float = Field(default=1.0, ge=0.0)
    """Weight of the vectors' ranking in the fusion; BM25 has 1. With 0 nothing is found by its vector alone."""
    passages_per_hit: int = Field(default=3, ge=1)
    """Passages of one decision that a hit shows and a re-ranker reads, at most."""
    rerank_hits: int = Field(default=30, ge=1)
    """Hits that a re-ranker orders anew, at least as many as are asked for."""
    bm25: Bm25Config = Bm25Config()
    """Search by words."""
    vectors: VectorConfig = VectorConfig()
    """Search by meaning."""
    reading: ExtractConfig = ExtractConfig()
    """How the user's files are read; artifacts of Mecelle have been read already."""

    @model_validator(mode="after")
    def _overlap_leaves_room(self) -> Self:
        if self.overlap_words >= self.passage_words:
            raise ValueError(f"overlap_words must be under passage_words, which is {self.passage_words}")
        return self

    def resolved_mode(self, *, has_model: bool) -> Mode:
        """The mode that "auto" stands for."""
        if self.mode == "auto":
            return "hybrid" if has_model else "bm25"
        return self.mode
