"""Which pairs are held out: chosen by the seed, with no text on both sides."""

from collections.abc import Sequence

from mecelle.base.document import content_hash
from mecelle.base.seeds import generator
from mecelle.embedding.pairs.record import Pair

LARGEST_SHARE = 0.1


def split(pairs: Sequence[Pair], *, most: int, seed: int, least: int = 0) -> tuple[list[Pair], list[Pair]]:
    """Pairs for training and held-out pairs; no text is on both sides, and held-out texts are distinct.

    At most `most` and a tenth of all are held out, but not fewer than `least`. Pairs that share a text with a held-out
    one leave both sides.
    """
    number = min(most, max(least, int(len(pairs) * LARGEST_SHARE)))
    held: list[Pair] = []
    texts: set[str] = set()
    for row in generator(seed, "held_out").permutation(len(pairs)).tolist():
        mine = _texts(pairs[row])
        if len(held) >= number:
            break
        if texts.isdisjoint(mine):
            held.append(pairs[row])
            texts |= mine
    return [pair for pair in pairs if texts.isdisjoint(_texts(pair))], held


def _texts(pair: Pair) -> set[str]:
    return {content_hash(pair.query), content_hash(pair.document)}
