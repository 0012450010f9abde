"""Best-fit-decreasing packing: pieces into rows of one length, exactly and quickly."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def cut(lengths: NDArray[np.int64], *, most: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Cut each text into pieces of at most `most` tokens: all full but the last. Nothing is lost.

    Returns for each piece: text it belongs to, where in the text it begins, how long it is.
    """
    counts = -(-lengths // most)
    owner = np.repeat(np.arange(len(lengths)), counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    begin = (np.arange(len(owner)) - first) * most
    return owner, begin, np.minimum(lengths[owner] - begin, most)


def fit(sizes: Sequence[int] | NDArray[np.int64], *, capacity: int) -> list[list[int]]:
    """Rows of piece numbers, the sizes of a row summing to at most `capacity`.

    Best fit, longest first: each piece goes into the fullest row that still has room for it. Needs at most 11/9 of the
    least number of rows, plus one (Johnson 1973). Same sizes, same rows. Time: n log n, at any capacity up to some
    thousands, since the rows are found by their room in one integer used as a set of bits.
    """
    sizes = np.asarray(sizes)
    assert sizes.size == 0 or 0 < sizes.min() <= sizes.max() <= capacity, "a piece is larger than a row"
    rows: list[list[int]] = []
    with_room: list[list[int]] = [[] for _ in range(capacity + 1)]  # room -> rows that have exactly it
    rooms = 0  # bit r is set where with_room[r] is not empty
    for piece in np.lexsort((np.arange(len(sizes)), -sizes)):
        size = int(sizes[piece])
        enough = rooms >> size
        if enough:
            room = size + (enough & -enough).bit_length() - 1
            row = with_room[room].pop()
            if not with_room[room]:
                rooms ^= 1 << room
            rows[row].append(int(piece))
        else:
            room, row = capacity, len(rows)
            rows.append([int(piece)])
        with_room[room - size].append(row)
        if room > size:  # a full row is never asked for again
            rooms |= 1 << (room - size)
    return rows
