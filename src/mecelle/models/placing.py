"""Places of a token sequence that are hidden or scored."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import InputError
from mecelle.base.protocols import MASK, Scoring, Span, SpanHits
from mecelle.models.sequences import Query


@dataclass(frozen=True, slots=True)
class Placed:
    """A sequence in which some places are scored."""

    ids: list[int]
    places: list[int]
    words: list[int | None]
    """The word that each place belongs to."""

    def queries(self, mask: int, scoring: Scoring) -> list[Query]:
        """What a model is asked, in the order of the places: one sequence for all of them, or one for each."""
        if scoring == "independent":
            return [self._query(self.places, set(self.places), mask)]
        own = list(zip(self.places, self.words, strict=True))
        if scoring == "one_at_a_time":
            return [self._query([place], {place}, mask) for place in self.places]
        return [self._query([place], {p for p, w in own if w == word and p >= place}, mask) for place, word in own]

    def _query(self, places: Sequence[int], hidden: set[int], mask: int) -> Query:
        ids = [mask if at in hidden else token for at, token in enumerate(self.ids)]
        return Query(ids, places, [self.ids[place] for place in places])


def halves(sentence: str) -> tuple[str, str]:
    """What stands before and after `[MASK]`. Raises InputError unless it stands there once."""
    if sentence.count(MASK) != 1:
        raise InputError(f"{MASK} stands {sentence.count(MASK)} times in {sentence[:80]!r}; expected once")
    before, after = sentence.split(MASK)
    return before, after


def around(ids: list[int], start: int, end: int, length: int) -> tuple[list[int], int, int]:
    """`length` ids around start..end; the first and the last id (the specials) stay."""
    inner = length - 2
    if end - start > inner:
        raise InputError(f"an option of {end - start} tokens does not fit in {length} tokens, two of them specials")
    room = inner - (end - start)
    left = min(max(start - room // 2, 1), len(ids) - 1 - inner)
    return [ids[0], *ids[left : left + inner], ids[-1]], start - left + 1, end - left + 1


def owners_of(offsets: Sequence[Span], spans: Sequence[Span]) -> list[int]:
    """The span (by number) that each token lies in, at least in part; -1 for none. Spans do not overlap."""
    owners, order, at = [], sorted(range(len(spans)), key=spans.__getitem__), 0
    for left, right in offsets:
        if left == right:  # a special token
            owners.append(-1)
            continue
        while at < len(order) and spans[order[at]][1] <= left:
            at += 1
        inside = at < len(order) and right > spans[order[at]][0]
        owners.append(order[at] if inside else -1)
    return owners


def counted(spans: Sequence[Span], owners: Sequence[int], hits_P2: NDArray[np.int64]) -> SpanHits:
    """Sums over the tokens of each span. hits_P2: whether each token is the most likely one, and among the k."""
    tokens, first, among = np.zeros((3, len(spans)), dtype=np.int64)
    np.add.at(tokens, owners, 1)
    np.add.at(first, owners, hits_P2[:, 0])
    np.add.at(among, owners, hits_P2[:, 1])
    return SpanHits(tokens, first, among)
