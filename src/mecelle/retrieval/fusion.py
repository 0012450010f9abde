"""Reciprocal rank fusion: one ranking out of several whose scores cannot be compared."""

from collections.abc import Sequence

from mecelle.base.errors import ConfigError
from mecelle.retrieval.ranking import Ranking

CONSTANT = 60.0
"""Flattens the top ranks, so that one list alone does not decide. Source: Cormack, Clarke, Büttcher (SIGIR 2009)."""


def rrf(
    rankings: Sequence[Ranking],
    *,
    constant: float = CONSTANT,
    weights: Sequence[float] | None = None,
    k: int | None = None,
) -> Ranking:
    """Fuse rankings: an id scores the sum of weight / (constant + rank) over the rankings that hold it, rank from 1.

    weights: one per ranking, all 1 if None. k: how many to return, all if None.
    Raises ConfigError if weights and rankings differ in number, a weight is negative or the constant is below 0.

    >>> rrf([[("a", 9.0), ("b", 1.0)], [("b", 0.9)]], k=1)[0][0]
    'b'
    """
    weights = [1.0] * len(rankings) if weights is None else weights
    if len(weights) != len(rankings) or any(weight < 0 for weight in weights) or constant < 0:
        raise ConfigError(
            f"weights {list(weights)} and constant {constant} for {len(rankings)} rankings; "
            "give one weight of 0 or more per ranking and a constant of 0 or more"
        )
    scores: dict[str, float] = {}
    for ranking, weight in zip(rankings, weights, strict=True):
        for rank, (identifier, _) in enumerate(ranking, start=1):
            scores[identifier] = scores.get(identifier, 0.0) + weight / (constant + rank)
    fused = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return fused if k is None else fused[:k]
