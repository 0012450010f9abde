"""The scan: from each anchor outwards, with the act last named in mind."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from mecelle.text.citations.articles import (
    MARKER,
    Group,
    articles_before_word,
    articles_behind_law,
    articles_behind_marker,
)
from mecelle.text.citations.decisions import (
    APPLICATION,
    CASE_NUMBER,
    LABELLED,
    Ruling,
    application_at,
    dated_at,
    decision_at,
)
from mecelle.text.citations.laws import UNKNOWN
from mecelle.text.citations.mentions import (
    Mention,
    abbreviation,
    act_by_number,
    aside_end,
    named_act,
    own_number_end,
    plain,
    short_mention,
)
from mecelle.text.dates import DATE

Kind = Literal["article", "law", "decision"]

_OWNER_CHARS, _TITLED_CHARS = 60, 220  # behind its title an article stands farther from its owner
_LONGEST_LIST_CHARS = 300
_ARTICLE_WORD = re.compile(r"m(?:adde|d?\.)|hükm|hüküm")
_KIND_OF_ARTICLE = r"(?:ek\s++geçici|geçici|geç\.|ek|mükerrer|mük\.)\s++(?:madde\s++|md?\.\s*+)?\d"
# What has articles too, and is no act.
_OTHER_OWNER = re.compile(
    r"(?:sözleşme|protokol|yönetmeli[kğ]|tüzü[kğ]|tebliğ|şartname|genelge|şartlar|tarife|statü|yönerge|senet|sened|direktif"
    r"|plan|vasiyetname|taahhütname|esaslar|raporu|poliçe|aaüt|kararname|tutana[kğ]|dilekçe|karar|iddianame)"
    r"(?:s[ıi]|leri|[ıiuü])?'?\s?n?[ıiuü]?[ndm]\w{0,3}[^.;]*$"
)
_OF_INITIALS = re.compile(r"(?<![\w.])(?:[^\W\d_]\.\s?){2,3}'?\s?n?[ıiuü]n\s+$")  # sanık M.K.'nın 5. maddesinde
_INITIALS_CHARS = 20
_HEADING = re.compile(r"(?:(?!madde)[^\W\d]++\.?\s++){0,2}+madde\s*+\d++")
_MOST_INDENT_CHARS = 40
_LINE_START = re.compile(r"(?:^|\n)[^\S\n]*$")
_IN_LIST = re.compile(r"[(,;]\s*$|\sve\s+$")
# What consolidated acts write behind a change: (Değişik: 2/12/2016-6764/33 md.)
_AMENDMENT = re.compile(
    rf"{DATE}\s?[-–—]\s?(?:khk\s?[-–—/]\s?)?(?P<law>\d{{2,5}}+)\s?/\s?(?P<article>\d{{1,3}}+)\s?m(?:adde|d\.?)(?!\w)"
)
# "... ile değişik 45. maddesi": the article of the act before. "... Kanuna eklenen geçici 12. madde" is this act's own.
_AMENDING = re.compile(
    r"(?:\s++ile|(?<=l[ae]))(?:\s*+,)?+\s++(?:değişik|değişen|değiştirilen|eklenen|getirilen|yeniden\s++düzenlenen)"
)


@dataclass(frozen=True, slots=True)
class Citation:
    """One citation: half-open character offsets, and the keys of what is cited (a list or a range cites several)."""

    kind: Kind
    start: int
    end: int
    normalised: tuple[str, ...]


def find_citations(text: str, *, law: str | None = None, date: str | None = None) -> list[Citation]:
    """Citations of acts, articles and decisions in `text`, sorted and disjoint. Never raises.

    law: number of the act that `text` is part of: "bu Kanun" and articles without an act are its own. Without it they
    belong to the act last named.
    date: when the text was written, ISO or a year. An abbreviation or a name that several acts had (TCK, Borçlar
    Kanunu) is the act in force then; without a date, the one in force now. A text may cite a repealed act by its name
    alone: that is not seen. A number (765 sayılı TCK) always wins.

    Articles of contracts, regulations and other texts that are no acts are not found. A range of articles is expanded
    up to 50 (`mecelle.text.citations.articles.MOST_OF_A_RANGE`). Offsets are right for any text; letters that are not
    in NFC are not recognised.

    >>> [c.normalised for c in find_citations("6098 sayılı TBK'nın 49/2. maddesi ile HMK m. 353/1-b-2")]
    [('6098:m49/2',), ('6100:m353/1-b-2',)]
    """
    return list(_Scan(text, law, date).citations())


def article_of(key: str) -> str:
    """The article that an article's key lies in, without paragraph and subparagraph.

    >>> article_of("6100:m353/1-b-2"), article_of("5237:m10/a"), article_of("5510:mek_4/1")
    ('6100:m353', '5237:m10/a', '5510:mek_4')
    """
    return _ARTICLE.sub(r"\1", key, count=1)


_ARTICLE = re.compile(r"^([^:]*:m[^/\-]*(?:/[^\W\d_](?![^\W_]))?).*$", re.DOTALL)


@cache
def _anchors() -> re.Pattern[str]:
    by_start = (
        rf"(?P<date>{DATE})"
        rf"|(?P<case>{CASE_NUMBER}|{LABELLED})"
        rf"|(?P<application>{APPLICATION})"
        # Some publishers mask the word sayılı: "6100 ... Kanun".
        r"|(?P<act>\d{1,5}\s*+(?:sayılı|no'?lu|no\.lu|nolu|numaralı|s\.|\.{3}(?=\s))(?!\w))"
        r"|(?P<bare_act>\d{3,5}(?=\s?(?:md?\.|madde)\s?\d))"
        r"|(?P<amount>\d{1,3}(?:\.\d{3})++(?:,\d++)?+|\d++\.\d[\d.]*+|\d{5,})"
        rf"|(?P<article>{_KIND_OF_ARTICLE}|\d)"
        r"|(?P<name>(?:kanun|yasa|içtüzüğ|(?<=\s)sözleşme)(?!\s?koyucu|l|k|\s+yol))"
        rf"|(?P<abbreviation>{abbreviation()})"
        rf"|(?P<marker>{MARKER}(?=[\degm]))"
    )
    return re.compile(rf"(?<!\w)(?<!\d[.,/])(?<![\d/]\d-)(?:{by_start})")


class _Scan:
    """One pass over one text. `at` is where the next anchor is looked for; nothing before `floor` is taken again."""

    def __init__(self, text: str, law: str | None, date: str | None) -> None:
        self.text, self.s = text, plain(text)
        self.host, self.date = law, date and (f"{date}-07-01" if len(date) == 4 else date)
        self.law: str | None = None
        self.mention: Mention | None = None
        self.other_owner = False
        self.floor, self.next_word = 0, -1

    def citations(self) -> Iterator[Citation]:
        at = 0
        while anchor := _anchors().search(self.s, at):
            found, at = self._read(anchor)
            at = max(at, anchor.start() + 1)
            if found:
                yield found
                self.floor = found.end
                at = max(at, found.end)

    def _read(self, anchor: re.Match[str]) -> tuple[Citation | None, int]:
        match anchor.lastgroup:
            case "date":
                if amendment := _AMENDMENT.match(self.s, anchor.start()):
                    key = f"{amendment['law']}:m{amendment['article']}"
                    return Citation("article", amendment.start("law"), amendment.end(), (key,)), 0
                ruling = dated_at(self.s, anchor.start(), self.floor)
                return _decision(ruling), anchor.end()
            case "case":
                ruling, end = decision_at(self.s, anchor.start(), self.floor)
                return _decision(ruling), end
            case "application":
                return _decision(application_at(self.s, anchor.start())), anchor.end()
            case "article":
                if not self._word_is_near(anchor.start()):
                    return None, anchor.end()
                group, end = articles_before_word(self.s, anchor.start())
                return (self._orphan(group) if group else None), end
            case "marker":
                return self._marked(anchor), anchor.end()
            case "act":
                return self._act(act_by_number(self.s, anchor))
            case "bare_act":  # 6098 m. 49
                return self._act(Mention(anchor.start(), anchor.end(), anchor.group(), alone=False))
            case "name":
                last = self._last()
                return self._act(named_act(self.s, anchor, self.floor, last, self.host or last, self.date))
            case "abbreviation":
                return self._act(short_mention(self.text, self.s, anchor, self.date))
        return None, anchor.end()

    def _last(self) -> str:
        return self.law or self.host or UNKNOWN

    def _act(self, mention: Mention | None) -> tuple[Citation | None, int]:
        """The articles of an act that is named here, else the act itself."""
        if mention is None:
            return None, 0
        aside = own_number_end(self.s, aside_end(self.s, mention.end), mention.law)
        group = articles_behind_law(self.s, aside)
        if mention.unsure and not (group and group.marked):
            return None, 0
        if group:
            self._remember(mention, group.end)
            return Citation("article", mention.start, group.end, _of(mention.law, group)), group.end
        if not mention.alone:
            return None, 0
        self._remember(mention, mention.end)
        return Citation("law", mention.start, mention.end, (mention.law,)), aside

    def _remember(self, mention: Mention, end: int) -> None:
        """From now on articles without an act belong to `mention`; if it only amends the act before it, to that one."""
        self.other_owner = False
        outer, law = self.mention, self.law
        self.mention, self.law = mention, mention.law
        if _AMENDING.match(self.s, end):
            adjoins = outer is not None and not self.s[outer.end : mention.start].strip(" \n,'")
            self.law = outer.law if adjoins and outer else law

    def _orphan(self, group: Group) -> Citation | None:
        """Articles without an act: of the host, else of the act last named, unless a contract or the like owns them."""
        if not group.marked or self._is_heading(group.start):
            return None
        if _OF_INITIALS.search(self.s, max(0, group.start - _INITIALS_CHARS), group.start):
            return None
        reach = _TITLED_CHARS if self.s.endswith("başlıklı", 0, group.start - 1) else _OWNER_CHARS
        owned = bool(_OTHER_OWNER.search(self.s, max(self.floor, group.start - reach), group.start))
        self.other_owner = owned or (self.other_owner and self.host is None)
        if self.other_owner:
            return None
        return Citation("article", group.start, group.end, _of(self.host or self._last(), group))

    def _marked(self, anchor: re.Match[str]) -> Citation | None:
        """``madde 5``; a lone ``m.`` counts only in a list that an act began."""
        before = self.s[max(0, anchor.start() - 5) : anchor.start()]
        lone = not anchor.group().startswith(("ma", "md"))
        if lone and (self.law is None or not _IN_LIST.search(before)):
            return None
        group = articles_behind_marker(self.s, anchor.start())
        return self._orphan(group) if group else None

    def _word_is_near(self, at: int) -> bool:
        """Whether the word madde comes soon enough for a list that begins at `at`; most numbers are no articles."""
        if self.next_word < at:
            word = _ARTICLE_WORD.search(self.s, at)
            self.next_word = word.start() if word else len(self.s) + _LONGEST_LIST_CHARS
        return self.next_word - at < _LONGEST_LIST_CHARS

    def _is_heading(self, at: int) -> bool:
        """The word madde at a line start, with its number, begins an article; it cites none."""
        return bool(_HEADING.match(self.s, at) and _LINE_START.search(self.s[max(0, at - _MOST_INDENT_CHARS) : at]))


def _of(law: str, group: Group) -> tuple[str, ...]:
    return tuple(f"{law}:{key}" for key in group.keys)


def _decision(ruling: Ruling | None) -> Citation | None:
    return None if ruling is None else Citation("decision", ruling.start, ruling.end, (ruling.key,))
