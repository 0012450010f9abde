"""What a question names outright: a decision by its number, an article by its act."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from mecelle.text.casing import fold

_DECISION = re.compile(r"(?<![\w/])((?:19|20)\d{2})\s?/\s?(\d{1,7}(?:-\d{1,6})?)(?![\w/])")
_MARK = r"(?:m\.|md\.|madde(?:si)?\b|m\b)"
_NUMBER = r"(?P<number>\d{1,4})(?P<letter>/[^\W\d_](?!\w))?(?!\d)"
_KIND = r"(?:(?P<kind>ek\s+geçici|geçici|ek|mükerrer)\s+)?"
# "30 gün" behind the name of an act is a time limit, no article.
_MEASURE = r"(?!\s*(?:gün|hafta|ay|yıl|saat|lira|tl\b|yaş|kişi|işçi|%))"


@dataclass(frozen=True, slots=True)
class References:
    """What was named, each once, in the order of the question."""

    decisions: tuple[str, ...]
    """Case or decision numbers: `2024/3494`."""
    articles: tuple[str, ...]
    """Articles as the tables compare them: `6098:m49`, `6098:mgeçici_2`."""


def find_references(question: str) -> References:
    """Numbers of decisions and articles of acts in a question.

    >>> find_references("TBK'nın 49. maddesi ve Yargıtay 4. HD 2024/3494")
    References(decisions=('2024/3494',), articles=('6098:m49',))
    """
    folded = fold(question)
    decisions = [f"{year}/{number}" for year, number in _DECISION.findall(folded)]
    articles = [_key(match) for match in _articles().finditer(folded)]
    return References(tuple(dict.fromkeys(decisions)), tuple(dict.fromkeys(articles)))


@cache
def _numbers_of_acts() -> dict[str, str]:
    lines = (
        files("mecelle.retrieval").joinpath("data", "law_abbreviations.txt").read_text(encoding="utf-8").splitlines()
    )
    pairs = (line.split(" = ") for line in lines if line and not line.startswith("#"))
    return {fold(name): number for name, number in pairs}


@cache
def _articles() -> re.Pattern[str]:
    names = "|".join(re.escape(name) for name in sorted(_numbers_of_acts(), key=len, reverse=True))
    by_name = rf"(?P<name>{names})(?:'\w+|n[uıiü]n)?"
    by_number = (
        r"(?P<law>\d{2,5})\s*"
        rf"(?:sayılı\s+(?:[^\W\d_]+\s+){{0,8}}?(?:kanun|kararname|khk|yasa)\w*(?:'\w+)?|(?={_MARK}|geçici|ek\b|mükerrer))"
    )
    return re.compile(rf"(?<![\w/.])(?:{by_name}|{by_number})\s*,?\s*{_KIND}(?:{_MARK}\s*)?{_NUMBER}{_MEASURE}")


def _key(match: re.Match[str]) -> str:
    law = match["law"] or _numbers_of_acts()[match["name"]]
    kind = "_".join(match["kind"].split()) + "_" if match["kind"] else ""
    return f"{law}:m{kind}{match['number']}{match['letter'] or ''}"
