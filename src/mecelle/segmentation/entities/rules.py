"""Entities that have a form: dates, numbers, amounts, articles, cited decisions, names of courts; names behind a role.

Offsets are found in `plain` text (lower case, letter for letter), so that capitals do not matter.
"""

import re
from collections.abc import Iterator, Sequence

from mecelle.segmentation.entities.spans import Span
from mecelle.text.citations import Citation, find_citations
from mecelle.text.citations.mentions import plain
from mecelle.text.dates import DATE, iso_date
from mecelle.text.names import find_names

_DATE = re.compile(rf"(?<![\d./]){DATE}(?!\d)")
_DATED = rf"{DATE}['\s]*(?:(?:tarih|gün)[^\W\d_]{{0,5}})?\s*(?:,|ve)?\s*"  # "24.11.2015 tarihli ve"
_GAZETTE = re.compile(rf"(?<![\w./])(?:{_DATED}(?:\d{{4,5}}\s*sayılı\s+)?|\d{{4,5}}\s*sayılı\s+)resm[iî]\s+gazete\w*")
_AMOUNT = re.compile(
    r"(?<![\w.,/])\d{1,9}(?:\.\d{3})*(?:,\d{1,2})?\.?[\s\-–]{0,3}(?:bin |milyon |milyar )?"
    r"(?:(?:tl|ytl|try|euro|avro|eur|usd)(?!\w)|(?:türk lirası|lira|(?:abd )?doları?)[^\W\d_]{0,8}|[₺€$])"
)
_NUMBER = re.compile(r"(?:19|20)\d{2}\s?/\s?\d{1,7}(?:-\d{1,6}(?!\d|\s?/))?")
_BEFORE_NUMBER = re.compile(rf"{_DATED}(?:e(?:sas)?\s?[.:]\s?)?$")
_BEHIND_NUMBER = re.compile(
    r"\s*say[ıi]l[ıi](?:\s+(?:bozma|onama|iptal|ek|düzeltme|içtihad[ıi] birleştirme|ilk|nihai))?"
    r"(?:\s+(?:karar|il[aâ]m|dosya|dava)\w*)?"
)
_DATED_CHARS = 45
_LEVEL = (
    r"asliye|ağır|sulh|icra|iş|aile|tüketici|kadastro|idare|vergi|çocuk|fikr[iî]|sına[iî]|haklar|ve|hukuk|ceza|ticaret"
    r"|infaz|bölge|adliye|mülga|devlet güvenlik"
)
_CHAMBER = (
    r"\d{1,2}\s?\.\s?(?:(?:hukuk|ceza|(?:idari|vergi) dava) dairesi|daire(?:si)?(?!\w)|[hc]\.?d\.?(?!\w))"
    r"|(?:hukuk|ceza|büyük) genel kurulu|içtihad(?:ı|ları) birleştirme (?:(?:büyük|hukuk|ceza) )?(?:genel )?kurulu"
    r"|(?:idari|vergi) dava daireleri (?:genel )?kurulu|(?:hukuk|ceza) daireleri başkanlar kurulu"
)
_COURT = re.compile(
    r"(?<!\w)(?:"
    rf"(?:yargıtay|danıştay)(?: (?:{_CHAMBER}))?"
    r"|(?:anayasa|uyuşmazlık) mahkemesi"
    rf"|(?P<local>(?:(?:\d{{1,2}}\s?\.\s?(?!bölge))?(?:(?:{_LEVEL}) ){{1,5}}(?:mahkemesi|h[aâ]kimliği)"
    rf"(?: (?:{_CHAMBER}))?|(?:cumhuriyet|c\.) (?:baş)?savcılığı))"
    r")\w{0,8}"
)
"""`local`: a court of first instance or appeal, or a prosecutor's office, each of which has the name of a place."""
_PLACE = re.compile(r"(?:[A-ZÇĞİÖŞÜ][^\W\d_]+ (?:Anadolu |Batı )?|(?:\.{2,5}|…) ?)$")
_PLACE_CHARS = 40
_NOT_A_PLACE = ("dairesi", "mahkemesi", "ilk", "derece", "yerel", "ve", "o", "yer", "bu", "söz")
_CHAMBER_NAME = re.compile(rf"(?<![\w.])(?:{_CHAMBER})\w{{0,6}}")


def find_by_rule(text: str, citations: Sequence[Citation] | None = None) -> list[Span]:
    """Entities of a text that a rule finds, by kind; those of one kind do not overlap. Linear time.

    Articles are acts and articles that are cited; of a cited decision its court is no part, its numbers and date lie in
    it. Persons are those whom a role names (davacı, sanık, vekil).

    citations: of `text`, if they are at hand.

    >>> sorted((text[s.start : s.end], s.kind) for text in ["15.03.2024 tarihinde 1.250,50 TL ödedi."]
    ...        for s in find_by_rule(text))
    [('1.250,50 TL', 'amount'), ('15.03.2024', 'date')]
    """
    s = plain(text)
    cited = find_citations(text) if citations is None else citations
    found = [Span(match.start(), match.end(), "date") for match in _DATE.finditer(s) if iso_date(match.group())]
    found += [Span(match.start(), match.end(), "gazette") for match in _GAZETTE.finditer(s)]
    found += [Span(match.start(), match.end(), "amount") for match in _AMOUNT.finditer(s)]
    found += [Span(one.start, one.end, "article") for one in cited if one.kind != "decision"]
    found += _decisions(s, cited)
    found += _courts(text, s)
    found += [Span(match.start(), match.end(), "chamber") for match in _CHAMBER_NAME.finditer(s)]
    found += [Span(name.start, name.end, "person") for name in find_names(text)]
    return found


def _decisions(s: str, cited: Sequence[Citation]) -> Iterator[Span]:
    """A cited decision from its date to the word karar, without its court; and the numbers in it."""
    behind = 0
    for one in cited:
        if one.kind != "decision":
            continue
        (key,) = one.normalised
        numbers = list(_NUMBER.finditer(s, one.start, one.end))
        for match in numbers:
            label = _label(key, "".join(match.group().split()))
            if label:
                yield Span(match.start(), match.end(), "decision_number" if label == "k" else "case_number")
        first = numbers[0].start() if numbers else one.start
        dated = _BEFORE_NUMBER.search(s, max(behind, first - _DATED_CHARS), first)
        tail = _BEHIND_NUMBER.match(s, one.end)
        behind = tail.end() if tail else one.end
        yield Span(dated.start() if dated else first, behind, "decision")


def _label(key: str, number: str) -> str | None:
    """Whether a number is the case's (e, b) or the decision's (k) in a decision's key."""
    return next((part[0] for part in key.split(":")[1:] if part[1:] == number), None)


def _courts(text: str, s: str) -> list[Span]:
    found: list[Span] = []
    for match in _COURT.finditer(s):
        start, behind = match.start(), found[-1].end if found else 0
        place = _PLACE.search(text, max(0, start - _PLACE_CHARS), start) if match["local"] else None
        if place and plain(place.group().split()[0]) not in _NOT_A_PLACE:
            if place.start() >= behind:
                start = place.start()
            elif place.start() == found[-1].start:  # Yargıtay Cumhuriyet Başsavcılığı is no court and another
                start = found.pop().start
        if match["local"] and start == match.start() and not text[start].isdigit() and not text[start].isupper():
            continue  # "asliye hukuk mahkemesi" in small letters is any court of its kind
        found.append(Span(start, match.end(), "court"))
    return found
