"""One ranking out of several: by their scores, brought to one scale, or by their ranks alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

from mecelle.base.errors import ConfigError
from mecelle.retrieval.ranking import Ranking

CONSTANT = 60.0
"""Flattens the top ranks, so that one list alone does not decide. Source: Cormack, Clarke, Büttcher (SIGIR 2009)."""

Fusion = Literal["scores", "ranks"]
"""scores: `min_max`; ranks: `rrf`."""


def min_max(
    rankings: Sequence[Ranking],
    *,
    floors: Sequence[float | None] | None = None,
    weights: Sequence[float] | None = None,
    k: int | None = None,
) -> Ranking:
    """Fuse rankings by scores: an id has the weighted mean, 0..1, of its scores on a scale from floor to best.

    An id that a ranking does not hold is at its floor, 0; of equal scores, what more rankings hold comes first. Unlike
    ranks, scores tell how far the first is ahead.
    floors: one per ranking; None: the ranking's lowest score, since what was cut off lies below it. A ranking that was
    not cut off is better told what an id without a place in it has (of BM25: 0).
    weights: one per ranking, all 1 if None; a ranking of weight 0 finds nothing. k: how many to return, all if None.
    Raises ConfigError if floors or weights and rankings differ in number, a weight is negative or all are 0.

    Source: the convex combination of Bruch, Gai, Ingber (TOIS 2023, arXiv:2210.11934), which is worth more than
    reciprocal ranks there, and here (docs/results/search.md).

    >>> min_max([[("a", 9.0), ("b", 8.0), ("c", 1.0)], [("b", 0.9), ("a", 0.1)]])
    [('b', 0.9375), ('a', 0.5), ('c', 0.0)]
    """
    weights = _checked(weights, rankings)
    floors = [None] * len(rankings) if floors is None else floors
    if len(floors) != len(rankings):
        raise ConfigError(f"{len(floors)} floors for {len(rankings)} rankings; give one per ranking")
    scores: dict[str, float] = {}
    for ranking, weight, floor in zip(rankings, weights, floors, strict=True):
        if not weight:
            continue
        values = [score for _, score in ranking]
        low = min(values, default=0.0) if floor is None else floor
        span = max(values, default=0.0) - low
        for identifier, score in ranking:
            place = (score - low) / span if span > 0 else 1.0
            scores[identifier] = scores.get(identifier, 0.0) + place * weight / sum(weights)
    return _best(scores, rankings, k)


def rrf(
    rankings: Sequence[Ranking],
    *,
    constant: float = CONSTANT,
    weights: Sequence[float] | None = None,
    k: int | None = None,
) -> Ranking:
    """Fuse rankings by reciprocal rank: an id scores the sum of weight / (constant + rank), rank from 1.

    weights: one per ranking, all 1 if None; a ranking of weight 0 finds nothing. k: how many to return, all if None.
    Raises ConfigError if weights and rankings differ in number, a weight is negative, all are 0, or the constant is
    below 0.

    >>> rrf([[("a", 9.0), ("b", 1.0)], [("b", 0.9)]], k=1)[0][0]
    'b'
    """
    if constant < 0:
        raise ConfigError(f"the constant is {constant} for {len(rankings)} rankings; give one of 0 or more")
    scores: dict[str, float] = {}
    for ranking, weight in zip(rankings, _checked(weights, rankings), strict=True):
        if not weight:
            continue
        for rank, (identifier, _) in enumerate(ranking, start=1):
            scores[identifier] = scores.get(identifier, 0.0) + weight / (constant + rank)
    return _best(scores, rankings, k)


def _checked(weights: Sequence[float] | None, rankings: Sequence[Ranking]) -> Sequence[float]:
    weights = [1.0] * len(rankings) if weights is None else weights
    if len(weights) != len(rankings) or any(weight < 0 for weight in weights):
        raise ConfigError(
            f"weights {list(weights)} for {len(rankings)} rankings; give one weight of 0 or more per ranking"
        )
    if rankings and not sum(weights):
        raise ConfigError("all weights are 0; give one ranking a weight above it")
    return weights


def _best(scores: Mapping[str, float], rankings: Sequence[Ranking], k: int | None) -> Ranking:
    held = Counter(identifier for ranking in rankings for identifier, _ in ranking)
    fused = sorted(scores.items(), key=lambda item: (-item[1], -held[item[0]], item[0]))
    return fused if k is None else fused[:k]
