"""The answer stops in the middle of its first sentence (yarıda kalan cevap), as weak language models do."""

from mecelle.base.seeds import generator
from mecelle.reward.pairs.damages import damage
from mecelle.text.sentences import sentences
from mecelle.text.words import word_spans, words

_MOST_KEPT = 0.3
"""Share of the answer's words that may be left."""


@damage("broken_off.v1", lowers=("linguistic_coherence", "depth_coverage"))
def broken_off(answer: str, *, seed: int) -> str | None:
    """The first words alone, their number drawn by the seed: at least one, at most 30%, fewer than the sentence has."""
    found = sentences(answer)
    spans = word_spans(answer)
    most = min(int(_MOST_KEPT * len(spans)), len(words(found[0])) - 1) if found else 0
    if most < 1:
        return None
    kept = int(generator(seed, "broken_off", answer).integers(1, most + 1))
    return answer[: spans[kept - 1][1]]
