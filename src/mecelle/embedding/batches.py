"""The order of training: which pairs make up each batch, as a pure function of the pairs and the seed."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from heapq import heapify, heappop, heappush
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
    """Cut `rows` into batches without equal texts; a row that clashes waits for a later batch, before rows behind it.

    Rows wait by the text that stood in their way, so that those of one text, however many, are passed over at once.
    """
    waiting: dict[str, list[tuple[int, int]]] = defaultdict(list)  # heaps of place and row
    place = 0
    while place < len(rows) or waiting:
        chosen: list[int] = []
        used, opposed = set[str](), set[str]()
        heads = [(heap[0], text) for text, heap in waiting.items()]
        heapify(heads)
        while len(chosen) < batch and (heads or place < len(rows)):
            if heads:
                (at, row), text = heappop(heads)
                if text in used or text in opposed:
                    continue
                heappop(waiting[text])
                if waiting[text]:
                    heappush(heads, (waiting[text][0], text))
                else:
                    del waiting[text]
            else:
                at, row = place, rows[place]
                place += 1
            own, negatives = texts[row]
            if used.isdisjoint(own | negatives) and opposed.isdisjoint(own):
                chosen.append(row)
                used |= own
                opposed |= negatives
            else:
                # What its negatives clash with says nothing of other rows: it waits by itself.
                heappush(waiting[min(own & used | own & opposed, default=f"#{at}")], (at, row))
        yield chosen
