"""Learns pieces by joining the most frequent pair of symbols, again and again: byte-pair encoding over counted words.

Exact and greedy (Sennrich et al. 2016): after each joining all counts are right. Ties go to the pair of the earlier
left, then right symbol, so that the pieces follow from the counts alone, on any machine. The trainer of `tokenizers`
joins the same pairs, but takes running text only, and its WordPiece numbers `##x` in another order in each run.

A place is one symbol of one word. It holds its neighbours, the pair that it begins, and the next and previous place
that begin the same pair: so a joining touches its own places and their neighbours alone. Only the joining that makes a
symbol makes pairs with it; from then on their counts can only fall, and the heap may find them too high, never too low.
"""

from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Rows = NDArray[np.int32]

_NONE = -1
_SYMBOL, _BEFORE, _AFTER, _PAIR, _NEXT, _PREVIOUS = range(6)  # columns of places
_LEFT, _RIGHT, _COUNT, _HEAD = range(4)  # columns of pairs


def learn_pairs(
    symbols: Rows, lengths: Numbers, counts: Numbers, *, first_new: int, most: int, least_count: int
) -> list[tuple[int, int]]:
    """The pairs in the order in which they are joined; the n-th makes the symbol `first_new` + n.

    symbols: of all distinct words, one after another, each below `first_new`; lengths: of the words; counts: how often
    each stands in the corpus. most: pairs to join at most; least_count: how often a pair must stand to be joined.
    Takes 32 bytes for each symbol of `symbols`. The result of the last call is kept: fewer pairs of the same words are
    the first of more, so that the same training with and without seeds learns once.
    """
    global _last
    key = blake2b(b"".join(array.tobytes() for array in (symbols, lengths, counts)), digest_size=16).digest()
    asked = (key, first_new, least_count)
    if asked != _last.asked or most > _last.most:
        _last = _Learned(asked, most, _learned(symbols, lengths, counts, first_new, most, least_count))
    return _last.pairs[:most]


class _Learned(NamedTuple):
    asked: tuple[bytes, int, int] | None
    most: int
    pairs: list[tuple[int, int]]


_last = _Learned(None, 0, [])


def _learned(
    symbols: Rows, lengths: Numbers, counts: Numbers, first_new: int, most: int, least_count: int
) -> list[tuple[int, int]]:
    assert len(symbols) < np.iinfo(np.int32).max, "more symbols than 32 bits can number"
    places = _places(symbols, lengths)
    starts = np.flatnonzero(places[:, _AFTER] != _NONE)
    keys = symbols[starts].astype(np.int64) * first_new + symbols[starts + 1]
    distinct, of_start = np.unique(keys, return_inverse=True)
    places[starts, _PAIR] = of_start
    pairs = np.full((max(1, 2 * len(distinct)), 4), _NONE, dtype=np.int64)
    pairs[: len(distinct), _LEFT], pairs[: len(distinct), _RIGHT] = np.divmod(distinct, first_new)
    pairs[:, _COUNT] = 0
    joined = _join(places, np.repeat(counts, lengths), pairs, len(distinct), first_new, most, least_count)
    return [(int(left), int(right)) for left, right in joined]


def _places(symbols: Rows, lengths: Numbers) -> Rows:
    places = np.full((len(symbols), 6), _NONE, dtype=np.int32)
    places[:, _SYMBOL] = symbols
    inside = np.ones(len(symbols), dtype=bool)
    inside[np.cumsum(lengths)[:-1]] = False
    inside[:1] = False
    followers = np.flatnonzero(inside)
    places[followers, _BEFORE] = followers - 1
    places[followers - 1, _AFTER] = followers
    return places


@njit(cache=True)
def _join(
    places: Rows, weights: Numbers, pairs: Numbers, used: int, first_new: int, most: int, least_count: int
) -> Numbers:
    """weights: of each place, the count of its word. pairs: with room; `used` rows are in use, without places yet."""
    for place in range(len(places) - 1, -1, -1):
        pair = places[place, _PAIR]
        if pair != _NONE:
            _link(places, pairs, place, pair)
            pairs[pair, _COUNT] += weights[place]
    heap = np.empty((len(pairs), 2), dtype=np.int64)
    size = 0
    for pair in range(used):
        if pairs[pair, _COUNT] >= least_count:
            size = _push(heap, size, pairs, pair)
    joined = np.empty((most, 2), dtype=np.int64)
    done = 0
    # Pairs with the symbol that is being made, by the other symbol: (other, new) and (new, other).
    with_left = np.full(first_new + most, _NONE, dtype=np.int64)
    with_right = np.full(first_new + most, _NONE, dtype=np.int64)
    while done < most and size:
        count, best = heap[0, 0], heap[0, 1]
        size = _pop(heap, size, pairs)
        if count != pairs[best, _COUNT]:
            if pairs[best, _COUNT] >= least_count:
                size = _push(heap, size, pairs, best)
            continue
        left, right, new = pairs[best, _LEFT], pairs[best, _RIGHT], first_new + done
        joined[done, 0], joined[done, 1] = left, right
        done += 1
        fresh = used
        for place in _places_of(places, pairs, best, left == right):
            if places[place, _PAIR] != best:  # "aaa": the place before has taken this one
                continue
            if used + 2 > len(pairs):
                pairs, heap = _doubled(pairs), _doubled(heap)
            other = places[place, _AFTER]
            before, after = places[place, _BEFORE], places[other, _AFTER]
            _unlink(places, pairs, place, weights[place])
            places[place, _SYMBOL], places[other, _SYMBOL] = new, _NONE
            places[place, _AFTER] = after
            if before != _NONE:
                _unlink(places, pairs, before, weights[place])
                used = _begin(places, pairs, before, places[before, _SYMBOL], new, new, with_left, with_right, used)
                pairs[places[before, _PAIR], _COUNT] += weights[place]
            if after != _NONE:
                _unlink(places, pairs, other, weights[place])
                places[after, _BEFORE] = place
                used = _begin(places, pairs, place, new, places[after, _SYMBOL], new, with_left, with_right, used)
                pairs[places[place, _PAIR], _COUNT] += weights[place]
        for pair in range(fresh, used):
            with_left[pairs[pair, _LEFT]] = with_right[pairs[pair, _RIGHT]] = _NONE
            if pairs[pair, _COUNT] >= least_count:
                size = _push(heap, size, pairs, pair)
    return joined[:done]


@njit(cache=True)
def _begin(
    places: Rows, pairs: Numbers, place: int, left: int, right: int, new: int, with_left: Numbers, with_right: Numbers,
    used: int,
) -> int:  # fmt: skip
    """Let `place` begin the pair (left, right), one of which is `new`; returns how many pairs there are now."""
    pair = with_right[right] if left == new else with_left[left]
    if pair == _NONE:
        pair, used = used, used + 1
        pairs[pair, _LEFT], pairs[pair, _RIGHT], pairs[pair, _COUNT], pairs[pair, _HEAD] = left, right, 0, _NONE
        if left == new:
            with_right[right] = pair
        else:
            with_left[left] = pair
    _link(places, pairs, place, pair)
    return used


@njit(cache=True)
def _link(places: Rows, pairs: Numbers, place: int, pair: int) -> None:
    head = pairs[pair, _HEAD]
    places[place, _PAIR], places[place, _NEXT], places[place, _PREVIOUS] = pair, head, _NONE
    if head != _NONE:
        places[head, _PREVIOUS] = place
    pairs[pair, _HEAD] = place


@njit(cache=True)
def _unlink(places: Rows, pairs: Numbers, place: int, weight: int) -> None:
    """Let `place` begin no pair."""
    pair, after, before = places[place, _PAIR], places[place, _NEXT], places[place, _PREVIOUS]
    if before == _NONE:
        pairs[pair, _HEAD] = after
    else:
        places[before, _NEXT] = after
    if after != _NONE:
        places[after, _PREVIOUS] = before
    pairs[pair, _COUNT] -= weight
    places[place, _PAIR] = _NONE


@njit(cache=True)
def _places_of(places: Rows, pairs: Numbers, pair: int, ordered: bool) -> Numbers:
    count = 0
    place = pairs[pair, _HEAD]
    while place != _NONE:
        count, place = count + 1, places[place, _NEXT]
    found = np.empty(count, dtype=np.int64)
    place = pairs[pair, _HEAD]
    for number in range(count):
        found[number], place = place, places[place, _NEXT]
    if ordered:  # words are read from the left: "aaa" is "aa a"
        found.sort()
    return found


@njit(cache=True)
def _doubled(rows: Numbers) -> Numbers:
    grown = np.empty((2 * len(rows) + 2, rows.shape[1]), dtype=np.int64)
    grown[: len(rows)] = rows
    return grown


@njit(cache=True)
def _before(heap: Numbers, one: int, other: int, pairs: Numbers) -> bool:
    if heap[one, 0] != heap[other, 0]:
        return bool(heap[one, 0] > heap[other, 0])
    left, right = pairs[heap[one, 1]], pairs[heap[other, 1]]
    if left[_LEFT] != right[_LEFT]:
        return bool(left[_LEFT] < right[_LEFT])
    return bool(left[_RIGHT] < right[_RIGHT])


@njit(cache=True)
def _swap(heap: Numbers, one: int, other: int) -> None:
    for column in range(2):
        heap[one, column], heap[other, column] = heap[other, column], heap[one, column]


@njit(cache=True)
def _push(heap: Numbers, size: int, pairs: Numbers, pair: int) -> int:
    heap[size, 0], heap[size, 1] = pairs[pair, _COUNT], pair
    at = size
    while at and _before(heap, at, (at - 1) // 2, pairs):
        _swap(heap, at, (at - 1) // 2)
        at = (at - 1) // 2
    return size + 1


@njit(cache=True)
def _pop(heap: Numbers, size: int, pairs: Numbers) -> int:
    _swap(heap, 0, size - 1)
    size -= 1
    at = 0
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and _before(heap, child + 1, child, pairs):
            child += 1
        if not _before(heap, child, at, pairs):
            break
        _swap(heap, at, child)
        at = child
    return size
