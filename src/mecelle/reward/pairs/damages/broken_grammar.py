"""Words lack the case suffix that their sentence asks for (bozuk dil bilgisi)."""

from mecelle.base.seeds import generator
from mecelle.reward.pairs.damages import damage
from mecelle.text.casing import fold
from mecelle.text.citations import find_citations
from mecelle.text.morphology import analyse, is_word, split
from mecelle.text.words import word_spans

_CASES = ("Acc", "Dat", "Loc", "Abl", "Gen")
_LEAST, _SHARE = 2, 0.5
"""Words that are changed at least, and the share of those that can be."""


@damage("broken_grammar.v1", lowers="linguistic_coherence")
def broken_grammar(answer: str, *, seed: int) -> str | None:
    """Half of the nouns in a marked case, drawn by the seed and none inside a citation, stand without its suffix."""
    cited = [(citation.start, citation.end) for citation in find_citations(answer)]
    free = [
        (start, end)
        for start, end in word_spans(answer)
        if not any(start < right and left < end for left, right in cited) and _bare(answer[start:end])
    ]
    if len(free) < _LEAST:
        return None
    number = max(_LEAST, round(_SHARE * len(free)))
    drawn = generator(seed, "broken_grammar", answer).choice(len(free), size=number, replace=False)
    for start, end in sorted((free[place] for place in drawn.tolist()), reverse=True):
        answer = answer[:start] + (_bare(answer[start:end]) or "") + answer[end:]
    return answer


def _bare(word: str) -> str | None:
    """The word without its case suffix, None if it has none or if what is left is no word."""
    reading = analyse([fold(word)])[0] if word.isalpha() else None
    if reading is None or reading.case not in _CASES:
        return None
    *left, _ = split(word)
    bare = "".join(left)
    return bare if bare and is_word(bare) else None
