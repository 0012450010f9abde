"""A few words come again and again (döngüye giren cevap), as weak language models write."""

from mecelle.base.seeds import generator
from mecelle.reward.pairs.damages import damage
from mecelle.text.citations import find_citations
from mecelle.text.words import word_spans

_MOST_WORDS = 4
"""Words that come again, at most."""
_LEAST_TIMES, _MOST_TIMES = 3, 8
"""How often they come again."""


@damage("looping.v1", lowers="linguistic_coherence")
def looping(answer: str, *, seed: int) -> str | None:
    """One to four words, drawn by the seed, stand there three to eight times more; all that was there stays.

    Words of citations are not drawn, so that the references stay as they were.
    """
    cited = [(one.start, one.end) for one in find_citations(answer)]
    spans = word_spans(answer)
    rng = generator(seed, "looping", answer)
    length = int(rng.integers(1, _MOST_WORDS + 1))
    pieces = [(spans[at][0], spans[at + length - 1][1]) for at in range(len(spans) - length + 1)]
    free = [(start, end) for start, end in pieces if all(end <= left or right <= start for left, right in cited)]
    if len(spans) <= _MOST_WORDS or not free:
        return None
    start, end = free[int(rng.integers(len(free)))]
    again = f" {answer[start:end]}" * int(rng.integers(_LEAST_TIMES, _MOST_TIMES + 1))
    return answer[:end] + again + answer[end:]
