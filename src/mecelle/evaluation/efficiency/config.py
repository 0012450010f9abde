"""Parameters of the efficiency measurement; the defaults of the index are Mecellem's (A.3.1)."""

from pydantic import Field

from mecelle.base.config import Config
from mecelle.evaluation.efficiency.variants import Storage
from mecelle.evaluation.tasks.retrieval import Pool


class EfficiencyConfig(Config):
    """One collection, stored and searched in several ways."""

    k: int = Field(default=10, ge=1)
    """Results of a search."""
    pool: Pool = "all"
    """all, or gold_acts: only articles of the acts that answer some query."""
    most_documents: int | None = Field(default=10_000, ge=1)
    """A larger collection is cut to so many by seed; documents that answer a query stay. None: all."""
    dimensions: tuple[int, ...] = (256, 128, 64)
    """Matryoshka cuts beside the full vectors; those that are not below a model's dimension are passed over."""
    storages: tuple[Storage, ...] = ("float32", "int8", "binary")
    """How vectors are kept where the graph is walked."""
    batch: int = Field(default=100, ge=1)
    """Vectors that are inserted at once."""
    links: int = Field(default=16, ge=4)
    """Edges per node of the graph (m)."""
    build_candidates: int = Field(default=100, ge=4)
    """Nodes looked at when one is added (ef_construct)."""
    search_candidates: int = Field(default=128, ge=1)
    """Nodes looked at in a search (ef); the paper does not say."""
    quantile: float = Field(default=0.98, gt=0.5, le=1.0)
    """Share of the components that INT8 spans; what lies outside is clipped."""
    oversampling: float = Field(default=4.0, ge=1.0)
    """Candidates per result when exact vectors have the last word."""
    graph_on_disk: bool = True
    """The graph is read from its file through the page cache instead of being held in memory."""
    write_ahead_log: bool = True
    """Updates are logged before they are applied."""
    passes: int = Field(default=3, ge=1)
    """How often all queries are timed, after one pass that is not."""
