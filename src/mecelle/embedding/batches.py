"""The order of training: which pairs make up each batch, as a pure function of the pairs and the seed."""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mecelle.base.document import content_hash
from mecelle.base.seeds import generator
from mecelle.embedding.pairs.record import Pair


def plan_batches(pairs: Sequence[Pair], *, batch: int, batches: int, seed: int, same_kind: bool) -> NDArray[np.int32]:
    """Rows of `pairs` in each batch, shape (batches or fewer, batch); as many epochs as it takes.

    No text stands twice in a batch, since its other occurrence would be a false negative. same_kind: batches hold one
    kind of pair as far as it goes, so that negatives cannot be told by their form (Nomic Embed, arXiv
    2402.01613, §3.1). What does not fill a batch at the end of an epoch waits for the next, which has another order.
    Empty if the pairs do not fill a single batch.
    """
    texts = [(content_hash(pair.query), content_hash(pair.document)) for pair in pairs]
    rows: list[list[int]] = []
    epoch = 0
    while len(rows) < batches:
        made = _epoch(pairs, texts, batch, generator(seed, "batches", epoch), same_kind)
        if not made:
            break
        rows += made
        epoch += 1
    return np.array(rows[:batches], dtype=np.int32).reshape(-1, batch)


def _epoch(
    pairs: Sequence[Pair], texts: Sequence[tuple[str, str]], batch: int, rng: np.random.Generator, same_kind: bool
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


def _distinct(rows: Sequence[int], texts: Sequence[tuple[str, str]], batch: int) -> Iterator[list[int]]:
    """Cut `rows` into batches without equal texts; a row that clashes waits for a later batch."""
    stream, waiting = deque(rows), deque[int]()
    while stream or waiting:
        chosen: list[int] = []
        used: set[str] = set()
        still_waiting = deque[int]()
        while len(chosen) < batch and (waiting or stream):
            row = waiting.popleft() if waiting else stream.popleft()
            if used.isdisjoint(texts[row]):
                chosen.append(row)
                used.update(texts[row])
            else:
                still_waiting.append(row)
        waiting = still_waiting + waiting
        yield chosen
