"""Another article of the same act is cited (yanlış madde numarası)."""

import re

from mecelle.base.seeds import generator
from mecelle.reward.pairs.damages import damage
from mecelle.text.citations import Citation, find_citations

_ARTICLE = re.compile(r":m(\d+)")
_FARTHEST = 40
"""Articles between the right number and the wrong one at most: near enough to be believed."""


@damage("wrong_article_number.v1", lowers="statute_reference")
def wrong_article_number(answer: str, *, seed: int) -> str | None:
    """One citation of one article, drawn by the seed, names another article; everything else stays."""
    citations = [one for one in find_citations(answer) if one.kind == "article" and len(one.normalised) == 1]
    rng = generator(seed, "wrong_article_number", answer)
    for place in rng.permutation(len(citations)).tolist():
        citation = citations[place]
        found = _ARTICLE.search(citation.normalised[0])
        if not found:
            continue
        right = int(found[1])
        taken = {key for one in citations for key in one.normalised}
        for wrong in (right + rng.permutation([n for n in range(-_FARTHEST, _FARTHEST + 1) if n])).tolist():
            wanted = _ARTICLE.sub(f":m{wrong}", citation.normalised[0], count=1)
            changed = _replaced(answer, citation, right, wrong) if wrong > 0 and wanted not in taken else None
            if changed and wanted in {key for one in find_citations(changed) for key in one.normalised}:
                return changed
    return None


def _replaced(answer: str, citation: Citation, right: int, wrong: int) -> str | None:
    """The answer with the number behind the last word of the act in the citation replaced."""
    places = list(re.finditer(rf"(?<!\d){right}(?!\d)", answer[citation.start : citation.end]))
    if not places:
        return None
    # An act's own number stands before that of the article, numbers of paragraphs behind it.
    act = re.match(r"\d+(?=\s+(?:sayılı|s\.))", answer[citation.start : citation.end])
    behind = [one for one in places if not act or one.start() >= act.end()]
    if not behind:
        return None
    start, end = (citation.start + offset for offset in behind[0].span())
    return f"{answer[:start]}{wrong}{answer[end:]}"
