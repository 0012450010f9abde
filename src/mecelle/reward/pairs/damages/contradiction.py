"""One sentence says the opposite (aksi yönde hüküm)."""

from mecelle.base.seeds import generator
from mecelle.reward.pairs.damages import damage
from mecelle.reward.pairs.negation import opposite
from mecelle.text.sentences import sentence_spans


@damage("contradiction.v1", lowers="legal_accuracy")
def contradiction(answer: str, *, seed: int) -> str | None:
    """The predicate of one sentence, drawn by the seed among those that can be, is negated, or loses its negation."""
    spans = sentence_spans(answer)
    for place in generator(seed, "contradiction", answer).permutation(len(spans)).tolist():
        start, end = spans[place]
        turned = opposite(answer[start:end])
        if turned:
            return answer[:start] + turned + answer[end:]
    return None
