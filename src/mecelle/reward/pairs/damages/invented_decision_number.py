"""A decision is cited by numbers that it does not have (uydurma karar numarası)."""

import re

from mecelle.base.seeds import generator
from mecelle.reward.pairs.damages import damage
from mecelle.text.citations import find_citations

_AFTER_YEAR = re.compile(r"(?<=\d{4}/)\d+")


@damage("invented_decision_number.v1", lowers="case_law_reference")
def invented_decision_number(answer: str, *, seed: int) -> str | None:
    """Case and decision number of one citation, drawn by the seed, become others, of as many digits and in the same
    years."""
    citations = [one for one in find_citations(answer) if one.kind == "decision"]
    rng = generator(seed, "invented_decision_number", answer)
    for place in rng.permutation(len(citations)).tolist():
        citation = citations[place]

        def another(match: re.Match[str]) -> str:
            low = 10 ** (len(match[0]) - 1)
            return str((int(match[0]) - low + 1 + int(rng.integers(0, 9 * low - 1))) % (9 * low) + low)

        written = answer[citation.start : citation.end]
        changed = _AFTER_YEAR.sub(another, written)
        if changed != written:
            return answer[: citation.start] + changed + answer[citation.end :]
    return None
