"""The answer stops in the middle of its first sentence (yarıda kalan cevap), as weak language models do."""

from mecelle.base.seeds import generator
from mecelle.reward.pairs.damages import damage
from mecelle.text.citations import find_citations
from mecelle.text.sentences import sentences
from mecelle.text.words import word_spans, words

_MOST_KEPT = 0.3
"""Share of the answer's words that may be left."""


@damage("broken_off.v1", lowers=("linguistic_coherence", "depth_coverage"))
def broken_off(answer: str, *, seed: int) -> str | None:
    """The first words alone, their number drawn by the seed: at least one, at most 30%, fewer than the sentence has.

    All citations stay, so that the references do not suffer; an answer that cites behind its first sentence is left.
    """
    found = sentences(answer)
    spans = word_spans(answer)
    most = min(int(_MOST_KEPT * len(spans)), len(words(found[0])) - 1) if found else 0
    cited = max((one.end for one in find_citations(answer)), default=0)
    least = 1 + sum(end <= cited for _, end in spans)
    if most < least:
        return None
    kept = int(generator(seed, "broken_off", answer).integers(least, most + 1))
    return answer[: spans[kept - 1][1]]
