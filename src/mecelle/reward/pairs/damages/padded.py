"""Sentences that are true and say nothing stand between the others (dolgu cümleleri)."""

from mecelle.base.seeds import generator
from mecelle.reward.pairs.damages import damage
from mecelle.reward.tables import table
from mecelle.text.sentences import sentence_spans
from mecelle.text.words import words

_LEAST, _LEAST_SHARE = 2, 0.5
"""Sentences that are added at least, and words that they add at least, as a share of the answer's."""


@damage("padded.v1", lowers="depth_coverage")
def padded(answer: str, *, seed: int) -> str | None:
    """Fillers of data/fillers.txt behind sentences that the seed draws; what was there stays, in its order."""
    return pad(answer, "padded", seed=seed)


def pad(answer: str, group: str, *, seed: int) -> str | None:
    """The answer with fillers of one group of the table; None for an empty answer, or if all fillers are too few."""
    ends = [end for _, end in sentence_spans(answer)]
    rng = generator(seed, group, answer)
    fillers = rng.permutation(_group(group)).tolist()
    chosen: list[str] = []
    while fillers and (len(chosen) < _LEAST or len(words(" ".join(chosen))) < _LEAST_SHARE * len(words(answer))):
        chosen.append(fillers.pop())
    if not ends or len(words(" ".join(chosen))) < _LEAST_SHARE * len(words(answer)):
        return None
    places = sorted(rng.choice(ends, size=len(chosen)).tolist(), reverse=True)
    for place, filler in zip(places, chosen, strict=True):
        answer = f"{answer[:place]} {filler}{answer[place:]}"
    return answer


def _group(name: str) -> list[str]:
    lines = table("fillers")
    start = lines.index(f"[{name}]") + 1
    end = next((number for number in range(start, len(lines)) if lines[number].startswith("[")), len(lines))
    return list(lines[start:end])
