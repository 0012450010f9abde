"""What a question names outright: a decision by its number, an article by its act."""

import re
from dataclasses import dataclass

from mecelle.text.casing import fold
from mecelle.text.citations import article_of, find_citations

_DECISION = re.compile(r"(?<![\w/])((?:19|20)\d{2})\s?/\s?(\d{1,7}(?:-\d{1,6})?)(?![\w/])")
# What people type and no text writes: TBK49, 6098 m 49, 6098 geçici 2, ceza kanunu 86.
_TYPED = (
    (re.compile(r"(?<=[^\W\d_])(?=\d)"), " "),
    (
        re.compile(r"(?<![\w/.])(\d{3,5})\s*(?:(?=(?:geçici|ek|mükerrer)\b)|m(?:d|adde(?:si)?)?\b\.?(?=\s*\d))"),
        r"\1 sayılı kanun m. ",
    ),
    (re.compile(r"(?<!türk )(?<!askeri )\bceza kanunu\b"), "türk ceza kanunu"),
)


@dataclass(frozen=True, slots=True)
class References:
    """What was named, each once, in the order of the question."""

    decisions: tuple[str, ...]
    """Case or decision numbers: `2024/3494`."""
    articles: tuple[str, ...]
    """Articles of acts with a number, as the tables compare them: `6098:m49`, `6098:mgeçici_2`."""


def find_references(question: str) -> References:
    """Numbers of decisions and articles of acts in a question.

    >>> find_references("TBK'nın 49. maddesi ve Yargıtay 4. HD 2024/3494")
    References(decisions=('2024/3494',), articles=('6098:m49',))
    """
    folded = fold(question)
    decisions = [f"{year}/{number}" for year, number in _DECISION.findall(folded)]
    for typed, written in _TYPED:
        folded = typed.sub(written, folded)
    keys = [key for one in find_citations(folded) if one.kind == "article" for key in one.normalised]
    articles = [article_of(key) for key in keys if key[0].isdigit()]
    return References(tuple(dict.fromkeys(decisions)), tuple(dict.fromkeys(articles)))
