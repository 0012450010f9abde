"""Decisions by court and number: ``Yargıtay 4. HD, E. 2021/100, K. 2022/7``, ``B. No: 2013/817``."""

import re
from collections import deque
from dataclasses import dataclass
from functools import cache

from mecelle.text.casing import fold
from mecelle.text.chambers import chamber_abbreviation, chamber_in
from mecelle.text.dates import DATE
from mecelle.text.tables import table

_FARTHEST_COURT_CHARS = 170

_YEAR_NUMBER = r"(?:19|20)\d{2}\s?/\s?\d{1,7}+"
CASE_NUMBER = rf"{_YEAR_NUMBER}(?:-\d{{1,6}}+(?!\s?/))?+"
_LABEL = r"(?:esas|karar|e|k)(?![^\W\d])"
_LABEL_BEFORE = rf"{_LABEL}\s*+(?:no|numarası|sayısı|sayılı)?+\s*+[.:]{{0,2}}\s*+:?\s*+"
_BOTH = r"\s*+e(?:sas)?\.?\s?(?:[-/–]|ve)\s?k(?:arar)?(?![^\W\d])\.?"  # 2014/140-2015/85 Esas ve Karar
LABELLED = rf"{_LABEL_BEFORE}{_YEAR_NUMBER}"
_ONE = re.compile(
    rf"(?P<before>{_LABEL_BEFORE})?+(?P<number>{CASE_NUMBER})"
    rf"(?(before)|(?P<after>(?!{_BOTH})\s*+\(?\s?+{_LABEL}\.?+(?:\s?\))?+)?+(?P<both>{_BOTH})?+)"
)
_SHORT = re.compile(rf"(?P<number>\d{{1,7}}+)(?!\s?/|[.,]\d)(?P<after>\s*+\(?\s?+{_LABEL}\.?+(?:\s?\))?+)?+")
_BETWEEN = re.compile(r"\s*+[,;.\-–/]?\s*+[\-–]?\s*+(?:ve\s++|ile\s++)?+")
APPLICATION = (
    r"(?:b\.\s?no|başvuru\s+(?:no|numarası))\s*+[.:]?\s*+"
    rf"(?P<application_number>{_YEAR_NUMBER}|\d{{3,6}}\s?/\s?\d\d(?!\d))"
)
_HYPHEN = re.compile("[-–]")
_APPLICATION = re.compile(APPLICATION)
_NUMBERED_APPLICATION = re.compile(r"\s++(?:başvuru\s++)?+(?:numaralı|no'?lu|nolu)\s++(?:bireysel\s++)?+başvuru")
# "14.11.2006 gün ve 11081-14427 sayılı": the year stands in the date only.
_DATED = re.compile(
    rf"{DATE}\s*+(?:gün|tarih)\w*+\s*+(?:ve\s++)?+"
    rf"(?P<pair>(?!{_YEAR_NUMBER})(?P<case>\d{{1,6}}+)\s?[-/–]\s?(?P<decision>\d{{1,6}}+))"
    r"(?=\s*+say[ıi])(?!\s*+say[ıi]l[ıi]\s++(?:kanun|yasa|resm))"
)
_RULING = re.compile(
    r"\s*+say[ıi]l[ıi]\s*+(?:bozma|onama|ek|düzeltme|içtihad[ıi]\s+birleştirme|gönderme|görevsizlik|yetkisizlik)?+\s*+"
    r"(?P<what>karar|ilâm|ilam|dosya|dava)"
)
_UNIFYING = re.compile(r"\s*+say[ıi]l[ıi]\s++(?:yargıtay\s++)?+(?:içtihad[ıi]\s++birleştirme|y?ib)")
_NOT_A_COURT = re.compile(
    r"icra\s+(?:müd|daire|dosya|takip|takib)|takip|takib|soruşturma|hazırlık|satış|sor\.|talimat|savcılı|bakanlar\s+kurulu"
    r"|cumhurbaşkan|müdürlü|iddianame|iflas|komisyon|noter"
)
_LOWER = (
    r"\w*mahkeme\w*+|başkanlık\s+kurul\w*+|dairemiz\w*+|kurulumuz\w*+|hakemliğ\w*+|h[âa]kimliğ\w*+|(?<!\w)b[ai]m(?!\w)"
)
_PLAIN_CHAMBER = re.compile(r"(?<!hukuk )(?<!ceza )(?<!dava )dairesi$")  # Danıştay İkinci Dairesi
_GENERAL_BOARD = r"büyük\s+genel\s+kurul"


@cache
def _court() -> re.Pattern[str]:
    short = "|".join(
        sorted({re.escape(fold(line.split(" = ")[1])) for line in table("chamber_abbreviations")}, key=len)
    )
    ordinals = "|".join(sorted(table("ordinals"), key=len, reverse=True))
    high = r"(?:(?P<high>yargıtay|danıştay)\w*+(?:'\w++)?+\s*+(?:\(?kapatılan\)?\s*+)?+)?+"
    lower = r"(?P<regional>(?:bölge\s+(?:adliye|idare)\s+mahkemesi\w*+|b[ai]m)(?:'\w++)?+\s*+(?:[.…]{2,5}\s*+)?+)?+"
    named = (
        rf"(?:\d{{1,2}}\s?\.?\s?|(?:{ordinals})\s+)"
        r"(?:(?:hukuk|ceza|(?:idari|vergi)\s+dava)\s+dairesi|daire(?!m)(?:si)?|[hc]\.?\s?d\.?(?!\w)|d(?:\.(?!\w)|(?=,)))"
    )
    board = (
        r"(?:içtihadı\s+birleştirme\s+)?(?:hukuk|ceza|büyük)\s+genel\s+kurulu"
        r"|içtihadı\s+birleştirme\s+kurulu|(?:idari|vergi)\s+dava\s+daireleri\s+(?:genel\s+)?kurulu"
        rf"|yibk|(?<!\w)(?:{short})(?!\w)"
    )
    special = r"anayasa\s+mahkemesi|(?<!\w)aym(?!\w)|uyuşmazlık\s+mahkemesi"
    return re.compile(rf"(?P<special>{special})|{lower}{high}(?P<chamber>{named}|{board})|(?P<lower>{_LOWER})")


_OWN_SENTENCE = re.compile(r"(?:[^.;\n]|\.(?=\s?\d)|(?<=\d)\.|(?<=[ektsbdy])\.|\.(?=[,)']))*+")
_COURTS = {"anayasa mahkemesi": "aym", "aym": "aym", "uyuşmazlık mahkemesi": "uyuşmazlık"}


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision or a case; `key` is as `mecelle.text.citations` describes it."""

    start: int
    end: int
    key: str


def application_at(s: str, at: int) -> Ruling:
    """The application that begins at `at`: ``B. No: 2013/817``; with ``21987/93`` to the court in Strasbourg."""
    match = _APPLICATION.match(s, at)
    assert match, "called where an application was found"
    number = "".join(match["application_number"].split())
    court = "aym" if re.fullmatch(_YEAR_NUMBER, number) else "aihm"
    return Ruling(at, match.end(), f"{court}:b{number}")


def dated_at(s: str, at: int, floor: int) -> Ruling | None:
    """The decision of old form behind the date that begins at `at`: numbers without their years."""
    match = _DATED.match(s, at)
    if match is None:
        return None
    year = match[1][-4:]
    court, start = _court_before(s, at, floor)
    if court == "?" and _UNIFYING.match(s, match.end()):
        court = "yargıtay:ibk"
    key = f"{court}:e?/{match['case']}:k{year}/{match['decision']}"
    return Ruling(match.start("pair") if start is None else start, match.end("pair"), key)


def decision_at(s: str, at: int, floor: int) -> tuple[Ruling | None, int]:
    """The decision whose first number, or its label, begins at `at`, and where the numbers end in any case.

    `floor`: the court's name is not looked for before this offset.
    """
    first = _ONE.match(s, at)
    assert first, "called where a number was found"
    second, end = _second(s, first)
    if second is None and _NUMBERED_APPLICATION.match(s, end):
        return Ruling(at, end, f"aym:b{''.join(first['number'].split())}"), end
    numbers = _assigned(first, second) or (None if second else _by_words(s, first))
    if numbers is None or (second is None and _NOT_A_COURT.search(s[max(floor, at - 60) : end + 60])):
        return None, end
    if not (
        _label(first) or first["both"] or _HYPHEN.search(s, first.end(), end) or _names_court(s, first, end, floor)
    ):
        return None, end
    court, start = _court_before(s, at, floor)
    key = ":".join([court, *(f"{label}{numbers[label]}" for label in "ek" if label in numbers)])
    return Ruling(at if start is None else start, end, key), end


def _second(s: str, first: re.Match[str]) -> tuple[re.Match[str] | None, int]:
    between = _BETWEEN.match(s, first.end())
    if between is None or (between.end() == first.end() and not first["after"]):
        return None, first.end()
    second = _ONE.match(s, between.end())
    if second is None and not first["before"] and _HYPHEN.search(between.group()):
        second = _SHORT.match(s, between.end())
    if second is None or _label(second) == _label(first) != "":
        return None, first.end()
    return second, second.end()


def _label(match: re.Match[str]) -> str:
    before = match.groupdict().get("before")
    return (before or (match["after"] or "").replace("(", "").lstrip())[:1]


def _assigned(first: re.Match[str], second: re.Match[str] | None) -> dict[str, str] | None:
    """Case number (e) and decision number (k): by their labels, else a pair by its order; None for a lone number."""
    labels = [_label(part) for part in (first, second) if part]
    numbers = ["".join(part["number"].split()) for part in (first, second) if part]
    if second is None:
        return (_of_one_year(numbers[0]) or {labels[0]: numbers[0]}) if labels[0] else None
    if "" in labels:
        labels = ["k", "e"] if labels[0] == "k" or labels[1] == "e" else ["e", "k"]
    if "/" not in numbers[1]:
        numbers[1] = f"{numbers[0][:4]}/{numbers[1]}"
    return dict(zip(labels, numbers, strict=True))


def _of_one_year(number: str) -> dict[str, str] | None:
    """``2010/4430-7931`` is case 4430 and decision 7931 of 2010; ``2007/6-13`` is one number of a general assembly."""
    case, _, decision = number.partition("-")
    if not decision or len(case) <= len("2007/23"):
        return None
    return {"e": case, "k": f"{case[:4]}/{decision}"}


def _by_words(s: str, first: re.Match[str]) -> dict[str, str] | None:
    """A lone number without a label is a decision or a case if the words behind it say so."""
    ruling = _RULING.match(s, first.end())
    if ruling is None:
        return None
    number = "".join(first["number"].split())
    return _of_one_year(number) or {"e" if ruling["what"] in ("dosya", "dava") else "k": number}


def _names_court(s: str, first: re.Match[str], end: int, floor: int) -> bool:
    """Whether a court before and a word behind say that bare numbers are a decision's: trade marks have numbers too."""
    return bool(_RULING.match(s, end)) and _last_court(s, first.start(), floor) is not None


def _last_court(s: str, at: int, floor: int) -> re.Match[str] | None:
    courts = _court().finditer(s, max(floor, at - _FARTHEST_COURT_CHARS), at)
    return next(iter(deque(courts, maxlen=1)), None)


def _court_before(s: str, at: int, floor: int) -> tuple[str, int | None]:
    """Key and start of the high court that speaks of the number at `at`; ``?`` and None for every other court."""
    last = _last_court(s, at, floor)
    if last is None or last["lower"] or last["regional"]:
        return "?", None
    gap = s[last.end() : at]
    if not _OWN_SENTENCE.fullmatch(gap) and gap.strip(" \n.,'"):
        return "?", None
    return (_COURTS[" ".join(last["special"].split())] if last["special"] else _chamber_key(last)), last.start()


def _chamber_key(match: re.Match[str]) -> str:
    """``yargıtay:4hd``, ``danıştay:iddk``; chambers of regional courts (vergi dava dairesi) are ``?``."""
    chamber = "".join(match["chamber"].split())
    if re.match(_GENERAL_BOARD, match["chamber"]):
        short = "bgk"
    elif full := chamber_in(_PLAIN_CHAMBER.sub("daire", match["chamber"])):
        short = fold(chamber_abbreviation(full))
    else:
        short = chamber
    short = re.sub(r"[\s.]", "", short).replace("yibk", "ibk")
    if re.search(r"\d[iv]dd", short):
        return "?"
    administrative = short.endswith(("iddk", "vddk")) or re.fullmatch(r"\d+d", short)
    return f"{'danıştay' if administrative else match['high'] or 'yargıtay'}:{short}"
