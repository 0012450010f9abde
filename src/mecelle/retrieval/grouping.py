"""From passages to decisions: one score for each, with its best passages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from mecelle.retrieval.ranking import Ranking

Ranked = list[tuple[int, float]]
"""Positions of passages with their scores, best first."""
Fuse = Callable[[Sequence[Ranking]], Ranking]
"""The rankings by words and by vectors, in this order, as one."""

_FUSED = ("bm25", "dense")


@dataclass(frozen=True, slots=True)
class Group:
    """A document, or an article of an act, as one search found it."""

    name: str
    score: float | None
    """0 if it was named outright; None if a re-ranker scored other groups and not this one."""
    ranks: Mapping[str, int]
    """Place, from 1, among the groups of each kind of search that found it."""
    positions: tuple[int, ...]
    """Its passages that were found, best first."""


def group(found: Mapping[str, Ranked], names: Mapping[int, str], *, k: int, fuse: Fuse) -> list[Group]:
    """The `k` best groups: first those that were named outright, then by score.

    found: passages of each kind of search: `exact`, and `bm25`, `dense` or both. names: the group of each passage.
    A group stands where its best passage stands (MaxP, Dai and Callan 2019), in each ranking by itself; one
    ranking keeps its scores, `fuse` makes one of two.
    """
    rankings = {kind: _best_of_each(ranked, names) for kind, ranked in found.items()}
    searched = [kind for kind in _FUSED if kind in rankings]
    both = [rankings[kind] for kind in searched]
    scores = dict(both[0] if len(both) == 1 else fuse(both))
    named = dict(rankings.get("exact", []))
    scores = {**named, **scores, **named}  # in front, and at their own score, which is 0
    order = list(scores)[:k]
    ranks: dict[str, dict[str, int]] = {name: {} for name in order}
    for kind in sorted(rankings):
        for place, (name, _) in enumerate(rankings[kind], start=1):
            if name in ranks:
                ranks[name][kind] = place
    passages = _passages(found, names)
    return [Group(name, scores[name], ranks[name], tuple(passages[name])) for name in order]


def reordered(groups: Sequence[Group], scores: Mapping[int, float]) -> list[Group]:
    """The groups by the best of their passages' new scores; those that were named outright stay in front, at 0.

    scores: of every passage that was looked at again; passages without one fall away. Groups without any come behind,
    in the order before, without a score: their old ones do not compare with the new.
    """
    front: list[Group] = []
    behind: list[Group] = []
    for one in groups:
        named = "exact" in one.ranks
        if positions := sorted((p for p in one.positions if p in scores), key=lambda p: -scores[p]):
            score = 0.0 if named else scores[positions[0]]
            front.append(replace(one, score=score, positions=tuple(positions)))
        else:
            behind.append(replace(one, score=0.0 if named else None))
    front.sort(key=lambda one: (one.ranks.get("exact", len(groups) + 1), -scores[one.positions[0]]))
    again = [replace(one, ranks={**one.ranks, "rerank": place}) for place, one in enumerate(front, start=1)]
    return again + behind


def _best_of_each(ranked: Ranked, names: Mapping[int, str]) -> Ranking:
    best: dict[str, float] = {}
    for position, score in ranked:
        best.setdefault(names[position], score)
    return list(best.items())


def _passages(found: Mapping[str, Ranked], names: Mapping[int, str]) -> dict[str, list[int]]:
    """Passages of each group by their best place in any ranking; of equal places the one with the question's words.

    Named outright, a group shows its first passages only where neither words nor meaning found any.
    """
    places: dict[int, tuple[float, int]] = {}
    for order, kind in enumerate((*_FUSED, "exact")):
        for place, (position, _) in enumerate(found.get(kind, [])):
            rank = (float("inf") if kind == "exact" else place, order)
            places[position] = min(places.get(position, rank), rank)
    passages: dict[str, list[int]] = {}
    for position in sorted(places, key=lambda one: (places[one], one)):
        passages.setdefault(names[position], []).append(position)
    return passages
