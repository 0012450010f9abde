"""Lists of articles behind or before the word ``madde``, down to paragraph (fıkra) and subparagraph (bent).

Every function reads folded text from an offset on and says where it stopped. All repetitions are possessive or
bounded, so that nothing is read twice.
"""

import re
from dataclasses import dataclass, field

from mecelle.text.dates import DATE
from mecelle.text.tables import table

MOST_OF_A_RANGE = 50
"""A longer range (``1 ila 120``) is cited by its first and last article only."""
_MOST_PARAGRAPHS = 15  # "231/5-6" are paragraphs, "24/3-33" an article and another

_ORDINAL_WORDS = "|".join(sorted(table("ordinals"), key=len, reverse=True))
_RANK = r"(?:\s?+['.]?\s?+[ıiuü]?nc[ıiuü](?!\w)|\s?+\.(?!\w*+\d))"
_NUMBER = re.compile(
    r"(?:(?P<kind>ek\s++geçici|geçici|geç\.|ek|mükerrer|mük\.)\s*+(?:madde\s++|md?\.\s*+)?+)?+"
    rf"(?<![\w])(?!{DATE})(?:(?P<number>\d{{1,4}}+)(?!\d)|(?P<word>{_ORDINAL_WORDS})(?=\s++madde))"
    r"(?!\s*+(?:sayılı|numaralı|nolu|no'lu)(?!\w)|\.\s?\d)"
    r"(?P<letter>\s?/\s?(?!e\s?\.)[^\W\d_](?!\w))?+"
)
_WORD_INSIDE = re.compile(r"[^\W\d]++(?:\s++geçici)?+\.?\s*+m(?:adde|d?\.)")  # geçici madde 3
# A letter, a stop and a number are no part of an article (E.2019/4), but for one digit joined to it (353/1-b.2).
_NUMBERED = r"\.(?:\s\d|\d(?:[\d/]|\.\d))"
_PART = re.compile(
    r"\s?+(?P<by>[/.\-,])\s?+(?P<bracket>\()?+"
    rf"(?P<part>\d{{1,2}}+(?!\d)|son(?!\w)|[ıivx]{{2,4}}(?!\w)|[^\W\d_](?!\w|{_NUMBERED}))(?(bracket)\))"
)
_FUSED = re.compile(r"(?P<part>[a-hj-z](?!\w))")  # 353/1b
_AND = re.compile(r"\s*+(?:(?P<range>ilâ|ila|[-–])|[,;]|ve|veya|ile|ya\s+da|[,;]\s*+(?:ve|veya))\s*+(?=[\değgm])")
_RANK_AT = re.compile(_RANK + r"?+(?:'?[dt][ae]n|'?y?[ae](?!\w))?+")
# "30 gün" behind the name of an act is a time limit, no article, and "2016 yılında" a date; "49 aynen" is neither.
_TIME = (
    r"(?:gün|hafta|ay|yıl|saat|lira|yaş)"
    r"(?:l[ıiuü][kğ]\w*|l[ae]r\w*|[ıiuü]n?(?:d[ae]n?|[ae])?|y?[ıiae]|[dt][ae]n?)?"
)
_MEASURE = re.compile(
    rf"\s*+(?:%|(?:{_TIME}|tl|kişi|işçi|adet|metre|m2|kez|defa|kat|sayı|numara|no"
    r"|bent|bend|fıkra|parsel|ada|esas|karar|tarih|seri)(?!\w)|bölüm|kısım|daire|hukuk|ceza|asliye|ağır|kg|ytl)"
)
_ARTICLE_WORD = re.compile(
    r"\s*+(?:(?:no'?lu|numaralı|sayılı|ve\s++devam[ıi]|ve\s++devamındaki|vd\.?|ve\s++müteakip|vd\.?\s++devamı)\s*+)*+"
    r"(?:madde\w*+(?:['.]\s?\w++)?+|md\.(?:s[ıi])?"
    r"|(?P<part>(?:ben[td]|f[ıi]kra)\w*+(?:'\w++)?+)|(?P<ruling>(?=hükmü|hükümler)))"
)
MARKER = r"(?:madde(?!\w)|mad\.|md\.?|m\.|m(?=\s?\d))[^\S\n]*+[.:]?+[^\S\n]*+"
_MARKER = re.compile(r"[\s,:(]*+" + MARKER)
_SPACE = re.compile(r"[\s,]*+")
_WHICH = rf"(?:\(\s?\d{{1,2}}\s?\)|\d{{1,2}}(?!\d)|(?:{_ORDINAL_WORDS}|son|ilk|tek)(?!\w)){_RANK}?+"
_LETTER = (
    r"(?:[\"“'‘]?\(?[\"“'‘]?(?!ve(?!\w))[^\W\d_]{1,2}+(?!\w)[\"”'’]?\)?[\"”'’]?|\(\s?\d{1,2}\s?\)|\d{1,2}(?!\d)\.?)"
)
_JOIN = r"\s*+(?:,|ve|veya|ile|ila|-)\s*+"
_CALLED = r"\s*+(?:numaralı|no'?lu|harfli|nolu|sayılı|alt)?+\s*+"
_PARAGRAPH = re.compile(rf"[\s,]*+(?P<which>{_WHICH}(?:{_JOIN}{_WHICH}){{0,9}}+){_CALLED}f[ıi]kra\w*+(?:'\w++)?+")
_SUBPARAGRAPH = re.compile(
    rf"[\s,]*+(?P<which>{_LETTER}(?:{_JOIN}{_LETTER}){{0,9}}+|(?:{_ORDINAL_WORDS})){_CALLED}ben[td]\w*+(?:'\w++)?+"
)
_SENTENCE = re.compile(rf"[\s,]*+{_WHICH}(?:{_JOIN}{_WHICH}){{0,4}}+{_CALLED}cümle\w*+(?:'\w++)?+")
_UNIT = re.compile(rf"\d+|son|{_ORDINAL_WORDS}|ilk|tek|(?<![^\W\d_])[^\W\d_]{{1,2}}(?![^\W\d_])")
_RANKS = {word: str(number) for number, word in enumerate(table("ordinals"), 1)} | {"ilk": "1", "tek": "1"}
_ROMAN = {"ıı": "2", "ııı": "3", "ıv": "4", "vı": "6", "vıı": "7", "vııı": "8", "ıx": "9"}  # one letter is a bent
_KINDS = {"geç.": "geçici", "mük.": "mükerrer"}


@dataclass(slots=True)
class Item:
    """One article of a list: `article` as the key of its act has it (``49``, ``geçici_2``, ``10/a``), and its parts."""

    article: str
    parts: list[str] = field(default_factory=list)
    range_from_last: bool = False

    @property
    def keys(self) -> list[str]:
        """``m49``, ``m49/2``, ``m353/1-b-2``: one, or one per part."""
        return [f"m{self.article}{part}" for part in self.parts or [""]]


@dataclass(frozen=True, slots=True)
class Group:
    """A list of articles; `keys` are without the act. `marked`: the word madde (or m., md.) stood with it."""

    start: int
    end: int
    keys: tuple[str, ...]
    marked: bool


def _at(always: re.Pattern[str], s: str, at: int) -> re.Match[str]:
    match = always.match(s, at)
    assert match, "the pattern matches nothing too"
    return match


def articles_behind_law(s: str, at: int) -> Group | None:
    """The list directly behind the name of an act: ``m. 353/1-b-2``, ``49. maddesi``, or bare numbers (``TBK 49``)."""
    marker = _MARKER.match(s, at)
    start = (marker or _at(_SPACE, s, at)).end()
    items, end = read_list(s, start)
    if not items:
        return None
    if marker:
        return _group(items, start, _tail(s, end, items), marked=True)
    return _with_word(s, start, items, end, of_act=True) or (
        None if _MEASURE.match(s, end) else _group(items, start, _tail(s, end, items), marked=False)
    )


def articles_before_word(s: str, at: int) -> tuple[Group | None, int]:
    """The list that begins at `at` if ``madde`` follows it, and where the numbers ended in any case."""
    items, end = read_list(s, at)
    if not items:
        return None, end
    group = _with_word(s, at, items, end, of_act=False)
    if group is None and _WORD_INSIDE.match(s, at):
        group = _group(items, at, _tail(s, end, items), marked=True)
    return group, end


def articles_behind_marker(s: str, at: int) -> Group | None:
    """The list behind a marker that begins at `at`: ``madde 49``, ``md. 49 ve 50``."""
    marker = _MARKER.match(s, at)
    assert marker, "called where a marker was found"
    items, end = read_list(s, marker.end())
    return _group(items, at, _tail(s, end, items), marked=True) if items else None


def _with_word(s: str, start: int, items: list[Item], end: int, *, of_act: bool) -> Group | None:
    """The list, if ``madde`` follows it; behind an act ``53/1-c bendi`` is enough."""
    word = _ARTICLE_WORD.match(s, end)
    if word is None or (word["part"] and not (of_act and items[-1].parts)):
        return None
    if word["ruling"] is not None:
        return _group(items, start, _tail(s, end, items), marked=False)
    return _group(items, start, _tail(s, word.end(), items), marked=True)


def _group(items: list[Item], start: int, end: int, *, marked: bool) -> Group:
    keys: list[str] = []
    for before, item in zip([None, *items], items, strict=False):
        if before and item.range_from_last and item.article.isdigit() and before.article.isdigit():
            low, high = int(before.article), int(item.article)
            if low < high - 1 <= low + MOST_OF_A_RANGE:
                keys += [f"m{number}" for number in range(low + 1, high)]
        keys += item.keys
    return Group(start, end, tuple(dict.fromkeys(keys)), marked)


def read_list(s: str, at: int) -> tuple[list[Item], int]:
    """Items of the list that begins exactly at `at`, and the offset behind the last; none at all where none begins."""
    items: list[Item] = []
    end, start, is_range = at, at, False
    while match := _NUMBER.match(s, start):
        kind = match["kind"]
        kind = "_".join(_KINDS.get(kind, kind).split()) + "_" if kind else ""
        item = Item(
            kind + (match["number"] or _RANKS[match["word"]]) + "".join((match["letter"] or "").split()),
            range_from_last=is_range,
        )
        end = _read_parts(s, match.end(), item)
        items.append(item)
        rank = _RANK_AT.match(s, end)
        end = rank.end() if rank else end
        joint = _AND.match(s, end)
        if joint is None:
            break
        start, is_range = joint.end(), joint["range"] is not None and not item.parts
    return items, end


def _read_parts(s: str, at: int, item: Item) -> int:
    """What follows the number of an article: ``/1-b-2`` is one part, ``/1-a-c`` two, ``/5-6`` two."""
    paragraph = letter = ""
    while match := _PART.match(s, at) or (_FUSED.match(s, at) if paragraph else None):
        by, part = match.groupdict().get("by") or "", _ROMAN.get(match["part"], match["part"])
        if not paragraph and by != "/" and not ("/" in item.article or (part.isalpha() and by == "-")):
            break
        if len(part) == 1 and part.isalpha():
            if by == "," and not letter:
                break
            letter = f"{paragraph}-{part}"
            item.parts = [*(old for old in item.parts if old != paragraph), letter]
        elif letter and by in "-./":
            item.parts[-1] = f"{letter}-{part}"
        elif not paragraph or (by in "-," and _follows(paragraph, part, spaced=match.group()[-1 - len(part)] == " ")):
            paragraph = f"/{part}"
            item.parts.append(paragraph)
        else:
            break
        at = match.end()
    return at


def _follows(paragraph: str, part: str, *, spaced: bool) -> bool:
    before = paragraph[1:]
    return before.isdigit() and part.isdigit() and not spaced and int(before) < int(part) <= _MOST_PARAGRAPHS


def _tail(s: str, end: int, items: list[Item]) -> int:
    """Read ``ikinci fıkrasının (b) bendi`` behind the last item into its parts."""
    last = items[-1]
    if paragraphs := _PARAGRAPH.match(s, end):
        end = paragraphs.end()
        last.parts = [f"/{unit}" for unit in _units(paragraphs["which"])]
    while letters := _SUBPARAGRAPH.match(s, end):
        end = letters.end()
        whole = last.parts[-1:] or [""]
        last.parts = [*last.parts[:-1], *(f"{whole[0]}-{unit}" for unit in _units(letters["which"]))]
    if sentences := _SENTENCE.match(s, end):
        end = sentences.end()
    return end


def _units(which: str) -> list[str]:
    return [_RANKS.get(unit, unit) for unit in _UNIT.findall(which) if unit != "ve"]
