"""The order of training: which pairs make up each batch, as a pure function of the pairs and the seed."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mecelle.base.document import content_hash
from mecelle.base.seeds import generator
from mecelle.embedding.pairs.nearest import flat
from mecelle.embedding.pairs.record import Pair


class _Texts(NamedTuple):
    """Hashes of the texts of pairs, each as it reads: case and white space make no other text."""

    own: list[tuple[str, ...]]
    """Query and document of each pair, that of more pairs first."""
    negatives: list[frozenset[str]]
    kin: dict[str, frozenset[str]]
    """Of a query with several answers, these; of an answer, such queries."""


def _texts(pairs: Sequence[Pair]) -> _Texts:
    keys: dict[str, str] = {}
    for pair in pairs:
        for text in (pair.query, pair.document, *pair.negatives):
            if text not in keys:
                keys[text] = content_hash(flat(text))
    pairs_of = Counter(keys[text] for pair in pairs for text in (pair.query, pair.document))
    answers: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        if pair.grade is None:  # of graded pairs, the texts may have nothing to do with each other
            answers[keys[pair.query]].add(keys[pair.document])
    kin: dict[str, set[str]] = defaultdict(set)
    for query, found in answers.items():
        if len(found) > 1:
            kin[query] |= found
            for document in found:
                kin[document].add(query)
    return _Texts(
        [tuple(sorted({keys[one.query], keys[one.document]}, key=lambda key: (-pairs_of[key], key))) for one in pairs],
        [frozenset(keys[text] for text in pair.negatives) for pair in pairs],
        {text: frozenset(others) for text, others in kin.items()},
    )


def plan_batches(pairs: Sequence[Pair], *, batch: int, batches: int, seed: int, same_kind: bool) -> NDArray[np.int32]:
    """Rows of `pairs` in each batch, shape (batches, batch); as many epochs as it takes.

    No query or document stands anywhere else in its batch, be it in capitals or as a hard negative, since the other
    occurrence would be a false negative; nor does what answers a query of the batch by another pair. same_kind: batches
    hold one kind of pair as far as it goes, so that negatives cannot be told by their form (Nomic Embed, arXiv
    2402.01613, §3.1). What does not fill a batch at the end of an epoch waits for the next, which has another order.
    Empty if the pairs do not fill a single batch in the first epoch.
    """
    texts = _texts(pairs)
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
    return len(next(_distinct(rows, _texts(pairs), most), ()))


def _epoch(
    pairs: Sequence[Pair], texts: _Texts, batch: int, rng: np.random.Generator, same_kind: bool
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


def _distinct(rows: Sequence[int], texts: _Texts, batch: int) -> Iterator[list[int]]:
    """Cut `rows` into batches without equal texts, or known answers of a query of another row; a row that clashes waits
    for a later batch, before rows behind it.

    Rows wait by the text of theirs that cannot be taken, so that those of one text, however many, are passed over at
    once.
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
                if _clashes(text, texts.kin, used, opposed):
                    continue
                heappop(waiting[text])
                if waiting[text]:
                    heappush(heads, (waiting[text][0], text))
                else:
                    del waiting[text]
            else:
                at, row = place, rows[place]
                place += 1
            own, negatives = texts.own[row], texts.negatives[row]
            clash = next((text for text in own if _clashes(text, texts.kin, used, opposed)), None)
            if clash is None and not any(_clashes(text, texts.kin, used) for text in negatives):
                chosen.append(row)
                used.update(own)
                opposed |= negatives
            else:
                # What its negatives clash with says nothing of other rows: it waits by itself.
                heappush(waiting[clash or f"#{at}"], (at, row))
        yield chosen


def _clashes(text: str, kin: Mapping[str, frozenset[str]], *there: set[str]) -> bool:
    """Whether the text, or one that is known to belong to it, stands in one of the sets: as fast as the smaller set."""
    if any(text in one for one in there):
        return True
    others = kin.get(text)
    return others is not None and not all(others.isdisjoint(one) for one in there)
