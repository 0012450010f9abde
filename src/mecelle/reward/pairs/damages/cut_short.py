"""The end is missing (eksik cevap)."""

from mecelle.reward.pairs.damages import damage
from mecelle.text.citations import find_citations
from mecelle.text.sentences import sentences
from mecelle.text.words import words

_MOST_KEPT = 0.6
"""Share of the words that may be left."""


@damage("cut_short.v1", lowers="depth_coverage")
def cut_short(answer: str, *, seed: int) -> str | None:
    """The last sentences that cite nothing are left out, until at most 60% of the words remain.

    Sentences stay whole and citations all there, so that neither language nor references suffer. Nothing is drawn.
    """
    found = sentences(answer)
    kept, most = list(found), _MOST_KEPT * len(words(answer))
    for number in range(len(found) - 1, 0, -1):
        if len(words(" ".join(kept))) <= most:
            break
        if not find_citations(found[number]):
            del kept[number]
    shorter = " ".join(kept)
    return shorter if shorter and len(words(shorter)) <= most and _cited(shorter) == _cited(answer) else None


def _cited(text: str) -> list[tuple[str, ...]]:
    return [citation.normalised for citation in find_citations(text)]
