"""The same article of another act is cited (yanlış kanun adı)."""

import re
from collections.abc import Iterator

from mecelle.base.seeds import generator
from mecelle.reward.pairs.damages import damage
from mecelle.text.casing import fold, title, upper
from mecelle.text.citations import Citation, find_citations
from mecelle.text.citations.laws import laws

_NUMBER = re.compile(r"\d{2,5}(?=\s+(?:sayılı|s\.))")
_CONSONANTS_AND_K = re.compile(r"[BCÇDFGĞHJKLMNPRSŞTVYZ]{1,3}K")
"""Abbreviations that are read letter by letter and end in the same one: suffixes behind them stay right."""


@damage("wrong_law_name.v1", lowers="statute_reference")
def wrong_law_name(answer: str, *, seed: int) -> str | None:
    """The act of one citation, drawn by the seed, becomes another act in force, with its number where one is given."""
    citations = [one for one in find_citations(answer) if one.kind in ("article", "law") and len(one.normalised) == 1]
    rng = generator(seed, "wrong_law_name", answer)
    for place in rng.permutation(len(citations)).tolist():
        citation = citations[place]
        written = answer[citation.start : citation.end]
        others = list(_others(written, citation.normalised[0].partition(":")[0]))
        for choice in rng.permutation(len(others)).tolist():
            changed: str = answer[: citation.start] + others[choice] + answer[citation.end :]
            if _differs_in_act(citation, changed):
                return changed
    return None


def _others(written: str, number: str) -> Iterator[str]:
    """The citation with each other act in the place of its own."""
    own = next((law for law in laws() if law.number == number and not law.until), None)
    if own is None:
        return
    for other in laws():
        if other.until or other.number == number or not other.number.isdigit():
            continue
        for old, new in _forms(own.names, other.names, own.abbreviations, other.abbreviations):
            found = re.search(rf"(?<!\w){re.escape(old)}(?!\w)", written)
            if found:
                changed = written[: found.start()] + new + written[found.end() :]
                yield _NUMBER.sub(other.number, changed, count=1)
                break


def _forms(
    names: tuple[str, ...], other_names: tuple[str, ...], short: tuple[str, ...], other_short: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """What may stand in the text, and what takes its place: names that end in one word, abbreviations in one letter."""
    for old in names:
        for new in other_names:
            if fold(old).split()[-1] == fold(new).split()[-1]:
                yield from ((title(old), title(new)), (upper(old), upper(new)))
    for old in filter(_CONSONANTS_AND_K.fullmatch, short):
        yield from ((old, new) for new in other_short if _CONSONANTS_AND_K.fullmatch(new))


def _differs_in_act(citation: Citation, changed: str) -> bool:
    """Whether the changed text cites the same article of another, known act there."""
    act, _, article = citation.normalised[0].partition(":")
    for one in find_citations(changed):
        if one.start == citation.start and len(one.normalised) == 1:
            new_act, _, new_article = one.normalised[0].partition(":")
            return new_act not in (act, "?") and new_article == article
    return False
