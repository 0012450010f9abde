"""The sentences stand in another order (cümle sırası bozuk)."""

from itertools import pairwise

from mecelle.base.seeds import generator
from mecelle.reward.pairs.damages import damage
from mecelle.text.sentences import sentence_spans

_LEAST = 3
"""Two sentences may often stand either way."""


@damage("shuffled_sentences.v1", lowers="linguistic_coherence")
def shuffled_sentences(answer: str, *, seed: int) -> str | None:
    """All sentences in an order drawn by the seed, the white space between them as it was."""
    spans = sentence_spans(answer)
    pieces = [answer[start:end] for start, end in spans]
    if len(set(pieces)) < _LEAST:
        return None
    rng = generator(seed, "shuffled_sentences", answer)
    order = list(range(len(pieces)))
    while [pieces[number] for number in order] == pieces:
        order = rng.permutation(len(pieces)).tolist()
    gaps = [answer[end:start] for (_, end), (start, _) in pairwise(spans)]
    shuffled = [part for number, gap in zip(order, [*gaps, ""], strict=True) for part in (pieces[number], gap)]
    return answer[: spans[0][0]] + "".join(shuffled) + answer[spans[-1][1] :]
