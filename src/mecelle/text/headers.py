"""Court, chamber, numbers and date of a decision, read from its own text.

Many published texts lack their own header and open with that of the decision under review (``MAHKEMESİ : ...``,
``NUMARASI : ...``): what stands there belongs to the lower court and is never taken. What a text does not say is None.
"""

import re
from dataclasses import dataclass
from itertools import takewhile

from mecelle.text.casing import fold, title
from mecelle.text.chambers import chamber_abbreviation, chamber_in
from mecelle.text.dates import DATE, iso_date, turkish_date
from mecelle.text.unicode import clean

_HEAD_CHARS = 1_500  # headers end well before; AYM headers list judges and applicants
_HEADING_CHARS = 150  # a longer line is running text
# Texts of the Constitutional Court often come without line ends.
_ONE_LINE_HEADER = re.compile(r"(?:t\.?\s?c\.?\s|türkiye cumhuriyeti\s)?\s*anayasa mahkemesi\b")
# The general assemblies write 2017/4-123.
_NUMBER = r"((?:19|20)\d{2}\s?/\s?\d{1,7}(?:-\d{1,6}(?![\d/]))?)"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMetadata:
    """What a decision says of itself; None where it does not say.

    `case_number` (esas no; başvuru no of an individual application) and `decision_number` (karar no) are like
    ``2013/14675``, `date` is ISO. `chamber` (daire) is like ``4. Hukuk Dairesi``, ``3. Daire``, ``Hukuk Genel Kurulu``,
    ``Birinci Bölüm``; courts of first instance have none, their `court` is the whole name.
    """

    court: str | None = None
    chamber: str | None = None
    case_number: str | None = None
    decision_number: str | None = None
    date: str | None = None


# Where the header of the decision under review, the parties or the body begin: nothing behind it is this court's own.
_OTHER_COURT = re.compile(
    r"incelenen\s+karar|\bmahkemesi\s*:|temyiz\s+(?:eden|isteminde|olunan)|istinaf\s+eden|\bdavacı"
    r"|\bsanık|\bkatılan\b|istemin\s|taraflar\s+aras|tebliğname\s+no|\bsuç(?:lar)?\s*:|\bbaşkan\s*(?:y\.)?\s*:"
)
_SPACED_LETTERS = re.compile(r"(?<!\S)(?:[^\W\d_] ){2,}[^\W\d_](?!\S)")
_CASE = (
    re.compile(rf"\b(?:esas|dosya)\s*(?:no|numarası|sayısı)?\s?\.?\s*[:;]?\s*(?:e\.?\s*)?{_NUMBER}"),
    re.compile(rf"\be\s*[.:]\s*:?\s*{_NUMBER}"),
    re.compile(rf"{_NUMBER}\s*(?:esas\b|e\b)"),
    re.compile(rf"\bbaşvuru\s+(?:numarası|no)\s*:?\s*{_NUMBER}|\bb\.\s?no\s*:?\s*{_NUMBER}"),
)
_DECISION = (
    re.compile(rf"\bkarar\s*(?:no|numarası|sayısı)?\s?\.?\s*[:;]?\s*(?:k\.?\s*)?{_NUMBER}"),
    re.compile(rf"\bk\s*[.:]\s*:?\s*{_NUMBER}"),
    re.compile(rf"{_NUMBER}\s*(?:karar\b(?!\s+tarihi)|k\b)"),
)
# Page headers that a page break left in the body: two labelled lines with this decision's own numbers.
_PAGE_HEADER = re.compile(rf"\nesas no\s*:\s*{_NUMBER}[^\n]*\n\s*karar no\s*:\s*{_NUMBER}")
_DATE_LABEL = re.compile(rf"(?:(?<!ek )\bkarar\s+tarihi\s*:?|(?:^|\n)t\s*[.:])\s*{DATE}")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_CLOSING = re.compile(
    rf"{DATE}['\s]*(?:tarihinde|tarihli oturumda|gününde|günü|gün|tarih)?"
    r"(?:[^.;]{0,120}?(?:karar verildi|oy\s?birliği|oy\s?çokluğu)|[^;\n]{0,250}?(?:okunup|tefhim|açıklan))"
    rf"|karar verildi\W{{1,4}}{DATE}"
)
_DISSENT = re.compile(r"\n[^\w\n]*+(?:x++\W*+)?(?:karşı\s?-?\s?oy|muhalefet|ayrışık oy|azlık oyu|değişik gerekçe)")
_COURT = re.compile(
    r"(?<!\w)(?:(?:anayasa|uyuşmazlık)\s+mahkemesi|danıştay|yargıtay"
    r"|[^\W\d_]+\s+bölge\s+(?:adliye|idare)\s+mahkemesi)(?!\w)"
)
_FIRST_INSTANCE = re.compile(
    r"t\.?\s?c\.?\s+([^\W\d_]+(?:\s+(?:anadolu|batı))?)\s+((?:\d{1,2}\s?\.\s?)?(?:[^\W\d_()]+\s+){1,5}mahkemesi)\b"
)
# Formulas of the Yargıtay chambers, which often publish without their own heading.
_YARGITAY_SIGN = re.compile(
    r"^\s*(?:\S+\s+){0,6}?mahkemesi\s?:|tebliğname\s+(?:no|görüşü)|yargıtay'?ca|yargıtay\s+cumhuriyet"
    r"|temyiz\s+(?:edilmekle|edilmiş|edilmesi)|temyizen\s+tetkiki"
    r"|hükmün\s+(?:onanmasına|bozulmasına)|karar\s+düzelt"
)


def decision_metadata(text: str) -> DecisionMetadata:
    """Court, chamber, numbers and date as the text of a decision states them. Never raises.

    >>> found = decision_metadata("T.C.\\nD A N I Ş T A Y\\nÜÇÜNCÜ DAİRE\\nEsas No : 2019/4896\\nKarar No : 2021/4850")
    >>> found.court, found.chamber, found.case_number
    ('Danıştay', '3. Daire', '2019/4896')
    """
    head = _SPACED_LETTERS.sub(lambda m: m.group().replace(" ", ""), fold(clean(text[:_HEAD_CHARS])))
    own = _own_header(head)
    chamber = chamber_in(own)
    case_number, decision_number = _numbers(own, text)
    return DecisionMetadata(
        court=_court(own, head, chamber, has_numbers=case_number is not None),
        chamber=chamber,
        case_number=case_number,
        decision_number=decision_number,
        date=_date(own, head, text),
    )


def _own_header(head: str) -> str:
    """The heading lines before another court, the parties or the running text begin."""
    if not _ONE_LINE_HEADER.match(head):
        head = "\n".join(takewhile(lambda line: len(line) <= _HEADING_CHARS, head.split("\n")))
    other = _OTHER_COURT.search(head)
    return head[: other.start()] if other else head


def _court(own: str, head: str, chamber: str | None, *, has_numbers: bool) -> str | None:
    if match := _COURT.search(own):
        return title(" ".join(match.group().split()))
    if has_numbers and (match := _FIRST_INSTANCE.search(own)):
        return title(" ".join(f"{match[1]} {match[2]}".split()))
    if chamber and re.search("hukuk|ceza", fold(chamber)):
        return "Yargıtay"  # a regional court of that kind would have matched above
    return "Yargıtay" if _YARGITAY_SIGN.search(head) else None


def _first(patterns: tuple[re.Pattern[str], ...], s: str) -> str | None:
    for pattern in patterns:
        if match := pattern.search(s):
            return "".join(next(group for group in match.groups() if group).split())
    return None


def _numbers(own: str, text: str) -> tuple[str | None, str | None]:
    case_number, decision_number = _first(_CASE, own), _first(_DECISION, own)
    if case_number is None and (match := _PAGE_HEADER.search(fold(text))):
        return "".join(match[1].split()), "".join(match[2].split())
    return case_number, decision_number


def _date(own: str, head: str, text: str) -> str | None:
    """The labelled date of the header, else that of the last closing formula before a dissent, else any labelled."""
    if match := _DATE_LABEL.search(own):
        return iso_date(match[1])
    body = fold(text)
    dissent = _DISSENT.search(body, len(body) // 4)
    closings = [m[1] or m[2] for m in _CLOSING.finditer(body, 0, dissent.start() if dissent else len(body))]
    label = _DATE_LABEL.search(head)
    candidates = [*reversed(closings), *([label[1]] if label else [])]
    return next((iso for found in candidates if (iso := iso_date(found))), None)


def citation_form(
    court: str | None,
    chamber: str | None,
    case_number: str | None,
    decision_number: str | None,
    date: str | None,
) -> str:
    """The decision as Turkish legal writing cites it; what is None is left out. `date` is ISO or taken as it is.

    Individual applications to the Constitutional Court, which have no decision number, carry their application number.

    >>> citation_form("Yargıtay", "4. Hukuk Dairesi", "2024/3494", "2024/5460", "2024-05-29")
    'Yargıtay 4. HD, E. 2024/3494, K. 2024/5460, 29.05.2024'
    """
    application = court == "Anayasa Mahkemesi" and decision_number is None
    name = " ".join(part for part in (court, chamber and chamber_abbreviation(chamber)) if part)
    parts = (
        name,
        case_number and f"{'B. No:' if application else 'E.'} {case_number}",
        decision_number and f"K. {decision_number}",
        date and (turkish_date(date) if _ISO_DATE.fullmatch(date) else date),
    )
    return ", ".join(part for part in parts if part)
