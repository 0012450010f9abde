"""Which pairs are held out: chosen by the seed, with no text on both sides."""

from collections.abc import Sequence

from mecelle.base.accounts import Accounts
from mecelle.base.document import content_hash
from mecelle.base.seeds import generator
from mecelle.embedding.pairs.record import Pair, negatives_of, with_negatives
from mecelle.text.casing import fold
from mecelle.text.words import words

LARGEST_SHARE = 0.1
LEAST_HELD_OUT, LEAST_PAIRS = 2, 4
"""An evaluation needs one query to choose by and one to score, training two pairs that differ."""


def split(pairs: Sequence[Pair], *, most: int, seed: int, least: int = 0) -> tuple[list[Pair], list[Pair]]:
    """Pairs for training and held-out pairs; no text is on both sides, and held-out texts are distinct.

    Texts that differ in case, spaces or punctuation alone are one text here, as for the `LeakageGate`.

    Held-out queries and documents are no negatives of training either (`negatives_left_out` counts them).

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
    return without(pairs, held), held


def without(pairs: Sequence[Pair], held: Sequence[Pair]) -> list[Pair]:
    """The pairs that share no text with a held-out one, without negatives that are held out."""
    texts = {text for pair in held for text in _texts(pair)}
    if not texts:
        return list(pairs)
    return [_free(pair, texts) for pair in pairs if texts.isdisjoint(_texts(pair))]


def negatives_left_out(pairs: Sequence[Pair], training: Sequence[Pair]) -> int:
    """How many negatives the pairs of `training` had in `pairs`, and lost since they are held out."""
    ids = {pair.id for pair in training}
    before = sum(len(pair.negatives) for pair in pairs if pair.id in ids)
    return before - sum(len(pair.negatives) for pair in training)


def hold_out(pairs: Sequence[Pair], *, most: int, seed: int, accounts: Accounts) -> tuple[list[Pair], list[Pair]]:
    """`split`, counted: two pairs at least are held out of four, none where nothing would be left to train on."""
    least = LEAST_HELD_OUT if len(pairs) >= LEAST_PAIRS and most else 0
    training, held = split(pairs, most=most, least=least, seed=seed)
    if not training:
        training, held = list(pairs), []
    accounts.keep(len(training))
    for reason, count in (
        ("held_out", len(held)),
        ("shares_text_with_held_out", len(pairs) - len(training) - len(held)),
    ):
        if count:
            accounts.drop(reason, count)
    return training, held


def _free(pair: Pair, texts: set[str]) -> Pair:
    kept = [(text, source) for text, source in negatives_of(pair) if _key(text) not in texts]
    return pair if len(kept) == len(pair.negatives) else with_negatives(pair, kept)


def _texts(pair: Pair) -> set[str]:
    return {_key(pair.query), _key(pair.document)}


def _key(text: str) -> str:
    return content_hash(" ".join(words(fold(text))) or text)  # as it stands where it has no word
