"""How a text names an act: by number, by name, by abbreviation, or as the act spoken of (aynı Kanun)."""

import re
from dataclasses import dataclass
from functools import cache

from mecelle.text.casing import fold, without_circumflex
from mecelle.text.citations.articles import MARKER
from mecelle.text.citations.laws import (
    UNKNOWN,
    Law,
    law_at,
    laws_by_abbreviation,
    laws_by_name,
    name_key,
)
from mecelle.text.tables import table

_LONGEST_NAME_CHARS = 300  # of an act that is cited by number
_LONGEST_KNOWN_CHARS = 150
_SHORT_CHARS = 2  # abbreviations up to this length (BK, AY) are words of other texts too
_INITIALS_CHARS = 3  # a person has no more of them: H.U.M.K. is an act behind "davalı" too
_ROLE_CHARS = 80  # of a role and the persons named before this one


@dataclass(frozen=True, slots=True)
class Mention:
    """An act is named from `start` to `end`.

    alone: the mention cites the act also without an article behind it. unsure: it may be something else, and names an
    act only if the word madde (or m., md.) stands with the article.
    """

    start: int
    end: int
    law: str
    alone: bool
    unsure: bool = False


def plain(text: str) -> str:
    """`text` in lower case by Turkish rules, letter for letter: every offset stays what it was.

    `mecelle.text.casing.fold` composes letters, which moves offsets, and takes nine times as long.
    """
    for other in "’‘`´ʼ":
        text = text.replace(other, "'")
    lowered = text.replace("I", "ı").replace("İ", "i").lower()
    assert len(lowered) == len(text), "only İ has a lower case of two letters"
    return lowered


# Behind a name or an abbreviation: TBK'nın, TCK.nun, HMK'da, KANUNUNUN, Yasa' nın.
_CASE = r"\s?\.?\s?'\s?n?[ıiuü]?[a-zçğıöşü]{0,6}+|\.\s?n[ıiuü]n(?!\w)"
_SUFFIX = re.compile(
    rf"(?:{_CASE}|n[ıiuü]n(?!\w)|(?:y?[ıiuüae]|[dt][ae]n?|yl[ae]|s[ıi]\w*)(?!\w))(?!\w)"
    r"|\.(?=\s?(?:m|\d))|(?!\w)"  # TBK.m.49, TMK.166
)
_CASES = r"\w*+(?:\s+hükmünde\s+kararname\w*+)?+(?:\s?'\s?\w++)?+"
_WORD_OF_ACT = re.compile(rf"(?<!\w)(?:kanun|yasa|khk|k\.?h\.?k(?!\w)|kararname|anayasa(?!\w*+\s+mahkeme)){_CASES}")
_WORD_OF_NAME = re.compile(rf"(?:kanun|yasa|içtüzü|sözleşme){_CASES}")
# The name of an amending act goes on behind its first "Kanun".
_AMENDING_NAME = re.compile(
    r"(?:\s+[^\W\d_]++,?){1,25}?\s+(?:dair|hakkında|ilişkin)\s+(?:kanun|yasa)\w*(?:\s+hükmünde\s+kararname\w*)?(?:'\w+)?"
)
_NAME = re.compile(r"(?:\s*+\d{4}\s++(?:mali\s++)?yılı)?+(?:\s*+t\.\s?c\.|\s*+[^\W\d_][\w'\-]*+,?)*+\s*+")
_NOT_AN_ACT = re.compile(
    r"(?:bakanlar\s+kurulu|cumhurbaşkan\w*\s+karar|resm[iî]|tebliğ|genelge|karar|dosya|parsel|ilam|ilâm|poliçe)"
)
# "(HMK)", "(4721 sayılı Kanun)", "(mülga)" between an act and its article; “…” başlıklı.
_ASIDE = re.compile(
    r"\s*+\((?:\d{1,5}+\s*+(?:sayılı|\.{3}|…)\s++)?+[^\W\d_][^()\d\n]{0,60}+\)(?:\s?'\s?\w++)?+"
    r"|\s*+[\"“'][^\"”“\n]{1,120}+[\"”']\s*+(?:kenar\s++|madde\s++)?+başlıklı"
)
# "TCK 5237 madde 86", "VUK (213) 359". No act has its own number among its articles but those of three digits: "VUK'un
# 213. maddesi", "VUK 213/1", "VUK 213 ve 359" name article 213.
_OWN_NUMBER = re.compile(
    r"[\s,]*+\(?+(?P<number>\d{4,5}+|\d{3}(?!\d|\s?[/.']|\s*+(?:[,\-–]|ve|veya|ile|ila)\s*+\d"
    r"|\s*+(?:[ıiuü]?nc[ıiuü]|madde(?!\s*+\d))))\)?+(?!\s*+(?:say[ıi]l[ıi]|numaralı|no'?lu))"
)
_COURT = re.compile(r"\s+mahkeme")  # the Constitution is no part of its court
_SPOKEN_OF = re.compile(
    r"(?:aynı|anılan|mezkûr|mezkur|adı\s+geçen|sözü\s+(?:edilen|geçen)|söz\s+konusu|bahsi\s+geçen|ilgili|bu)\s+$"
)
_HOST = re.compile(r"(?:bu|işbu)\s+$")
# "Kanunun", "Yasa'nın" speak of an act; "Kanununun" and "... Hakkında Kanunun" end a name.
_NAMED = re.compile(r"(?:kanunu|yasası)(?!n(?!\w))|kanunu\s?'")
_ENDS_NAME = re.compile(r"(?:hakkında|dair|ilişkin|hakkındaki)\s+$")
_OTHER_ROLES = r"sayın|av\.|dr\."  # that data/party_roles.txt does not have
# "M.K. isimli kişi"; no person has an article right behind ("davalı B.K. m. 41 uyarınca").
_PERSON_GOES_ON = re.compile(r"\.?\s+(?:isimli|adlı)(?!\w)")
_ARTICLE_GOES_ON = re.compile(rf"[\s,:(]*+{MARKER}\d")
# Behind three letters "141. maddesi", too: "sanık T.C.K.'nun 141/1. maddesi"; M.K. and B.K. are as often persons.
_NUMBER_GOES_ON = re.compile(r"[\s,]*+\d{1,4}+(?:/\d++)*+\s?(?:\.|'?[ıiuü]?nc[ıiuü])?+\s*+madde")


@cache
def abbreviation() -> str:
    """A pattern of all abbreviations with their word ends, longest first."""
    return "|".join(_with_stops(short) for short in sorted(laws_by_abbreviation(), key=len, reverse=True))


def _with_stops(short: str) -> str:
    """Also ``T.C.K.``, ``T. C. K.``; words (Anayasa) have no stops. With one more (``B.A.Y.``) they are a person's."""
    if not short.isalpha() or len(short) not in (2, 3, 4):
        return re.escape(short)
    first, rest = short[0], short[1:]  # lookbehinds stand behind a letter: most places of a text have none of them
    alone = rf"(?<!\b\w\.{first})"
    spaced = rf"{alone}(?<!\b\w\.\s{first})\. " + r"\. ".join(rest) + r"(?=\.)"
    if len(short) > _SHORT_CHARS:
        return rf"{first}(?:\.?" + r"\.?".join(rest) + f"|{spaced})"
    return rf"{first}(?:{rest}|{alone}\.{rest}|{spaced})"


def behind_suffix(s: str, at: int) -> int | None:
    """The offset behind the case suffix that may follow a name at `at`; None if the word goes on in another way."""
    match = _SUFFIX.match(s, at)
    return match.end() if match else None


def aside_end(s: str, at: int) -> int:
    """The offset behind what may stand between an act and its article."""
    while match := _ASIDE.match(s, at):
        at = match.end()
    return at


def own_number_end(s: str, at: int, law: str) -> int:
    """The offset behind the number of an act that stands behind its name; `at` without one."""
    match = _OWN_NUMBER.match(s, at)
    return match.end() if match and match["number"] == law else at


def act_by_number(s: str, anchor: re.Match[str]) -> Mention | None:
    """The act named by ``6098 sayılı Türk Borçlar Kanunu``, ``5237 sayılı TCK``, ``659 sayılı KHK``; else None."""
    number = re.match(r"\d+", anchor.group())
    assert number, "the anchor begins with the number"
    limit = anchor.end() + _LONGEST_NAME_CHARS
    if short := _abbreviation_at(s, anchor.end()):
        return Mention(anchor.start(), short, number.group(), alone=True)
    if _NOT_AN_ACT.match(s, anchor.end() + 1):
        return None
    word = _WORD_OF_ACT.search(s, anchor.end(), limit)
    if word is None or not _NAME.fullmatch(s, anchor.end(), word.start()):
        return None
    end = word.end()
    longer = _AMENDING_NAME.match(s, end, min(limit, len(s)))
    return Mention(anchor.start(), longer.end() if longer else end, number.group(), alone=True)


@cache
def _abbreviations() -> re.Pattern[str]:
    return re.compile(rf"\s*+(?:{abbreviation()})")


def _abbreviation_at(s: str, at: int) -> int | None:
    match = _abbreviations().match(s, at)
    return behind_suffix(s, match.end()) if match and not _COURT.match(s, match.end()) else None


def _key(short: str) -> str:
    return short if short in laws_by_abbreviation() else short.replace(".", "").replace(" ", "")


def _is_person(s: str, start: int, end: int) -> bool:
    """Whether initials are those of a person: ``sanık M.K.``, ``sanıklar E.K. ve M.K.``, ``M.K. isimli``."""
    return bool(_PERSON_GOES_ON.match(s, end) or _roles().search(s, max(0, start - _ROLE_CHARS), start))


@cache
def _roles() -> re.Pattern[str]:
    """A role in front of initials. Not in the genitive: ``sanığın T.C.K. 141. maddesi uyarınca``."""
    roles = "|".join(re.escape(fold(role)) for role in table("party_roles"))
    persons = r"(?:(?:[^\W\d_]\.\s?){2,3}(?:,|ve|ile)\s+){0,9}"
    return re.compile(rf"(?<!\w)(?:{roles}|{_OTHER_ROLES})(?:l[ae]r)?[ıi]?(?:\s*:)?\s+{persons}$")


def short_mention(text: str, s: str, anchor: re.Match[str], date: str | None) -> Mention | None:
    """The act of an abbreviation; it cites alone only if written with capitals, longer than two letters and unspaced.

    ``B.K.`` and ``C. M. K.`` may as well be the initials of a party; behind a party's role they are.
    """
    end = behind_suffix(s, anchor.end())
    if end is None or _COURT.match(s, end):
        return None
    short = _key(anchor.group())
    capital = text[anchor.start()] != s[anchor.start()]
    stopped = short != anchor.group()
    initials = stopped and (len(short) <= _SHORT_CHARS or " " in anchor.group())
    if initials and not capital:
        return None
    cites = _ARTICLE_GOES_ON.match(s, end) or (len(short) > _SHORT_CHARS and _NUMBER_GOES_ON.match(s, end))
    may_be_person = stopped and len(short) <= _INITIALS_CHARS and not cites
    if may_be_person and _is_person(s, anchor.start(), anchor.end()):
        return None
    alone = len(short) > _SHORT_CHARS and capital and not initials
    return Mention(anchor.start(), end, law_at(laws_by_abbreviation()[short], date), alone=alone, unsure=initials)


def named_act(s: str, anchor: re.Match[str], floor: int, last: str, host: str, date: str | None) -> Mention | None:
    """The act whose name ends with the word kanun or yasa at `anchor`, or the act spoken of (``aynı Kanun``)."""
    word = _WORD_OF_NAME.match(s, anchor.start())
    if word is None:
        return None
    before = s[max(floor, anchor.start() - _LONGEST_KNOWN_CHARS) : anchor.start()]
    if found := _longest_name(before, word.group()):
        start, candidates = found
        start += anchor.start() - len(before)
        longer = _AMENDING_NAME.match(s, word.end(), word.end() + _LONGEST_KNOWN_CHARS)
        if longer and (of_longer := laws_by_name().get(name_key(s[start : longer.end()]))):
            word, candidates = longer, of_longer
        return Mention(start, word.end(), law_at(candidates, date), alone=True)
    if not word.group().startswith(("kanun", "yasa")):
        return None
    if _NAMED.match(word.group()) or _ENDS_NAME.search(before):
        return Mention(anchor.start(), word.end(), UNKNOWN, alone=False)
    spoken = _SPOKEN_OF.search(before[-24:])
    start = anchor.start() - len(spoken.group()) if spoken else anchor.start()
    law = host if _HOST.search(before[-8:]) else last
    return Mention(start, word.end(), law, alone=False)


_WORDS = re.compile(r"[^\W\d_][\w'\-]*|\d+")


def _longest_name(before: str, last_word: str) -> tuple[int, tuple[Law, ...]] | None:
    """The longest name of the table that `before` and `last_word` end with, and where in `before` it begins."""
    best, key = None, name_key(last_word)
    for word in reversed(list(_WORDS.finditer(before))):
        key = f"{without_circumflex(word.group())} {key}"
        if key not in _endings():
            break
        if key in laws_by_name():
            best = word.start(), laws_by_name()[key]
    return best


@cache
def _endings() -> frozenset[str]:
    """What the names of the table may end with, word by word."""
    names = [name.split() for name in laws_by_name()]
    return frozenset(" ".join(words[first:]) for words in names for first in range(len(words)))
