"""How well duplicates and identifiers were found, against what the sample planted. Units are joined by source id."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from pydantic import BaseModel

Pair = tuple[str, str]


class Found(BaseModel):
    """Found against planted. Precision is 1.0 when nothing was found, recall 1.0 when nothing was planted."""

    planted: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        """Right among found, 0..1."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Right among planted, 0..1."""
        return self.right / self.planted if self.planted else 1.0

    def figures(self) -> dict[str, Any]:
        """Plain values for a report."""
        return self.model_dump() | {"precision": round(self.precision, 4), "recall": round(self.recall, 4)}


class DuplicateScore(BaseModel):
    """Score over pairs of documents that stand in one group."""

    exact: Found
    """Pairs within planted exact groups; what was found is counted in `all` only, so precision is not told here."""
    near: Found
    """Pairs within planted near groups; as above."""
    all: Found
    missed: tuple[Pair, ...]
    wrong: tuple[Pair, ...]
    """Found, but not planted."""
    merged_distinct: tuple[Pair, ...]
    """Twins that differ in a number or ruling and yet were merged: must be empty."""

    def figures(self) -> dict[str, Any]:
        """Plain values for a report."""
        return {
            "pairs": self.all.figures(),
            "exact_recall": round(self.exact.recall, 4),
            "near_recall": round(self.near.recall, 4),
            "missed": [list(pair) for pair in self.missed],
            "wrong": [list(pair) for pair in self.wrong],
            "merged_distinct": [list(pair) for pair in self.merged_distinct],
        }


def score_duplicates(
    clusters: Iterable[Mapping[str, Any]],
    truth: Mapping[str, Sequence[Sequence[str]]],
    *,
    tolerated: Iterable[tuple[str, str]] = (),
) -> DuplicateScore:
    """Compare rows of `clusters.jsonl` with the sample's `truth/duplicates.json` (exact, near, distinct_pairs).

    A cluster's representative may be a member of another one: such clusters count as one group. tolerated: pairs that
    count neither for nor against, such as a decision and its scan-damaged copy.
    """
    found = _pairs(_joined([[str(member["source_id"]) for member in row["members"]] for row in clusters]))
    found -= {_pair(left, right) for left, right in tolerated}
    exact, near = _pairs(truth.get("exact", ())), _pairs(truth.get("near", ()))
    planted = _pairs(_joined([*truth.get("exact", ()), *truth.get("near", ())]))
    distinct = {_pair(left, right) for left, right in truth.get("distinct_pairs", ())}
    return DuplicateScore(
        exact=_found(exact, found & exact),
        near=_found(near, found & near),
        all=_found(planted, found),
        missed=tuple(sorted(planted - found)),
        wrong=tuple(sorted(found - planted)),
        merged_distinct=tuple(sorted(found & distinct)),
    )


def score_identifiers(
    found: Iterable[Mapping[str, Any]], truth: Iterable[Mapping[str, Any]], *, among: Collection[str]
) -> dict[str, dict[str, Any]]:
    """Precision and recall by kind, and under "all", of rows with `source_id` and `kind`.

    truth: rows of valid plants only; look-alikes that were found then count as wrong. Counted per document and kind,
    since offsets shift between formats: a document with two planted IBANs and two found ones has two right.
    among: source ids of the documents that were searched, since dropped documents are not masked.
    """
    have, want = (_by_document(row for row in rows if row["source_id"] in among) for rows in (found, truth))
    kinds = sorted({kind for _, kind in have.keys() | want.keys()})
    scores = {kind: _identifiers_found(have, want, {kind}) for kind in kinds}
    return {
        name: score.figures() for name, score in (scores | {"all": _identifiers_found(have, want, set(kinds))}).items()
    }


def _identifiers_found(have: Counter[Pair], want: Counter[Pair], kinds: set[str]) -> Found:
    mine = Counter({key: count for key, count in have.items() if key[1] in kinds})
    theirs = Counter({key: count for key, count in want.items() if key[1] in kinds})
    return Found(planted=theirs.total(), found=mine.total(), right=(mine & theirs).total())


def _by_document(rows: Iterable[Mapping[str, Any]]) -> Counter[Pair]:
    return Counter((str(row["source_id"]), str(row["kind"])) for row in rows)


def _found(planted: set[Pair], found: set[Pair]) -> Found:
    return Found(planted=len(planted), found=len(found), right=len(planted & found))


def _pairs(groups: Iterable[Sequence[str]]) -> set[Pair]:
    return {_pair(left, right) for group in groups for left, right in combinations(group, 2)}


def _pair(left: str, right: str) -> Pair:
    return (left, right) if left <= right else (right, left)


def _joined(groups: Iterable[Sequence[str]]) -> list[list[str]]:
    """Groups that share a member become one."""
    joined: list[set[str]] = []
    for group in groups:
        members = set(group)
        apart = [other for other in joined if other.isdisjoint(members)]
        joined = [*apart, members.union(*(other for other in joined if not other.isdisjoint(members)))]
    return [sorted(group) for group in joined]
