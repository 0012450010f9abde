"""The order of training: which pairs make up each batch, as a pure function of the pairs and the seed."""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mecelle.base.document import content_hash
from mecelle.base.seeds import generator
from mecelle.embedding.pairs.record import Pair


class _Texts(NamedTuple):
    """Hashes of the texts of a pair."""

    own: frozenset[str]
    negatives: frozenset[str]


def _texts(pair: Pair) -> _Texts:
    return _Texts(
        frozenset(map(content_hash, (pair.query, pair.document))), frozenset(map(content_hash, pair.negatives))
    )


def plan_batches(pairs: Sequence[Pair], *, batch: int, batches: int, seed: int, same_kind: bool) -> NDArray[np.int32]:
    """Rows of `pairs` in each batch, shape (batches, batch); as many epochs as it takes.

    No query or document stands anywhere else in its batch, be it as a hard negative, since the other occurrence would
    be a false negative. same_kind: batches hold one kind of pair as far as it goes, so that negatives cannot be told by
    their form (Nomic Embed, arXiv 2402.01613, §3.1). What does not fill a batch at the end of an epoch waits for the
    next, which has another order. Empty if the pairs do not fill a single batch in the first epoch.
    """
    texts = [_texts(pair) for pair in pairs]
    rows: list[list[int]] = []
    epoch = 0
    while len(rows) < batches:
        made = _epoch(pairs, texts, batch, generator(seed, "batches", epoch), same_kind)
        rows += made
        if not rows:
            break
        epoch += 1
    return np.array(rows[:batches], dtype=np.int32).reshape(-1, batch)


def fitting_batch(pairs: Sequence[Pair], *, most: int, seed: int) -> int:
    """Pairs of a batch, `most` at most, that a first look finds to have different texts."""
    rows = generator(seed, "fitting").permutation(len(pairs)).tolist()
    return len(next(_distinct(rows, [_texts(pair) for pair in pairs], most), ()))


def _epoch(
    pairs: Sequence[Pair], texts: Sequence[_Texts], batch: int, rng: np.random.Generator, same_kind: bool
) -> list[list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for row in rng.permutation(len(pairs)).tolist():
        groups[pairs[row].kind if same_kind else ""].append(row)
    made: list[list[int]] = []
    left: list[int] = []
    for kind in sorted(groups):
        for rows in _distinct(groups[kind], texts, batch):
            if len(rows) == batch:
                made.append(rows)
            else:
                left += rows
    left = [left[i] for i in rng.permutation(len(left)).tolist()]
    made += [rows for rows in _distinct(left, texts, batch) if len(rows) == batch]
    return [made[i] for i in rng.permutation(len(made)).tolist()]


def _distinct(rows: Sequence[int], texts: Sequence[_Texts], batch: int) -> Iterator[list[int]]:
    """Cut `rows` into batches without equal texts; a row that clashes waits for a later batch."""
    stream, waiting = deque(rows), deque[int]()
    while stream or waiting:
        chosen: list[int] = []
        used, opposed = set[str](), set[str]()
        still_waiting = deque[int]()
        while len(chosen) < batch and (waiting or stream):
            row = waiting.popleft() if waiting else stream.popleft()
            own, negatives = texts[row]
            if used.isdisjoint(own | negatives) and opposed.isdisjoint(own):
                chosen.append(row)
                used |= own
                opposed |= negatives
            else:
                still_waiting.append(row)
        waiting = still_waiting + waiting
        yield chosen
