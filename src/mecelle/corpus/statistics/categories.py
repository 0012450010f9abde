"""The category of a document, under the names of HukukBERT's tables: a field, and what of it the document is.

The fields are MEVZUAT (legislation), İÇTİHAT (case law), HUKUK (doctrine and reference) and HUKUK DIŞI (not law).
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from mecelle.base.document import Document
from mecelle.text.casing import fold

LEGISLATION, CASE_LAW, DOCTRINE, NOT_LAW = FIELDS = ("MEVZUAT", "İÇTİHAT", "HUKUK", "HUKUK DIŞI")

_LEGISLATION_KINDS = frozenset({"statute", "article", "regulation"})
_DOCTRINE = {"thesis": "Tez", "dictionary": "Sözlük", "contract": "Sözleşme", "question": "Soru"}
_COURTS = (
    (re.compile(r"yargıtay"), "Yargıtay"),
    (re.compile(r"danıştay"), "Danıştay"),
    (re.compile(r"anayasa mahkemesi|\baym\b"), "AYM"),
    (re.compile(r"uyuşmazlık mahkemesi"), "Uyuşmazlık"),
    (re.compile(r"bölge (?:adliye|idare) mahkemesi|istinaf|\bb[ai]m\b"), "İstinaf"),
    (re.compile(r"mahkemesi|hakimliği|hâkimliği|\byerel\b"), "Yerel"),
)
# What an act is stands in the word of its source ("KHK") or at the end of its title ("... Hakkında Yönetmelik").
_ACTS = (
    (re.compile(r"m[uü]lga$|hükümleri$"), "Mülga"),
    (re.compile(r"(?:\bkhk|kanun hükmünde kararname(?:si)?)$"), "KHK"),
    (re.compile(r"(?:\bcbk|cumhurbaşkanlığı kararnamesi)$"), "CB Kararnamesi"),
    (re.compile(r"cumhurbaşkan(?:ı|lığı) kararı$"), "CB Kararı"),
    (re.compile(r"tebliğ(?:i|ler)?$"), "Tebliğ"),
    (re.compile(r"yönetmeli(?:k|ği)$"), "Yönetmelik"),
    (re.compile(r"tüzü(?:k|ğü)$"), "Tüzük"),
    (re.compile(r"(?:kanunu?|anayasa(?:sı)?)$"), "Kanun"),
)
_ACT_OF_KIND = {"statute": "Kanun", "article": "Kanun", "regulation": "Genel"}
_TITLE_END_CHARACTERS = 60


def category(document: Document) -> str:
    """The category of a document, such as "İÇTİHAT Yargıtay", "MEVZUAT Kanun", "HUKUK Tez" or "HUKUK DIŞI news".

    In this order: a metadata `category` that already is one; another language than Turkish or a `domain` (general
    collections name one: not law); the kind, with the court of a decision, and the word of the source or the title's
    end of an act. Source: HukukBERT Table 1; acts as in Table 3. Contracts and questions stand in no table of the
    paper: HUKUK Sözleşme, HUKUK Soru.
    """
    data = document.metadata
    given, domain, kind = data.get("category"), data.get("domain"), str(data.get("kind", "other"))
    if isinstance(given, str) and field_of(given):
        return given
    language = data.get("language") or data.get("lang") or "tr"
    if language != "tr":
        return f"{NOT_LAW} {language} {domain or kind}"
    if isinstance(domain, str) and domain:
        return f"{NOT_LAW} {domain}"
    if kind == "decision":
        return f"{CASE_LAW} {_court(str(data.get('court') or ''))}"
    if kind in _LEGISLATION_KINDS:
        title = str(data.get("title") or "")[-_TITLE_END_CHARACTERS:]
        return f"{LEGISLATION} {_act(kind, str(data.get('said_kind') or ''), title)}"
    if kind == "thesis" and fold(str(data.get("said_kind") or "")) == "makale":
        return f"{DOCTRINE} Makale"
    if kind in _DOCTRINE:
        return f"{DOCTRINE} {_DOCTRINE[kind]}"
    return f"{NOT_LAW} {kind}"


def field_of(category: str) -> str | None:
    """The field that a category belongs to, None for a name of no field.

    >>> field_of("HUKUK DIŞI news"), field_of("HUKUK Tez"), field_of("iş hukuku")
    ('HUKUK DIŞI', 'HUKUK', None)
    """
    found = [field for field in FIELDS if category == field or category.startswith(field + " ")]
    return max(found, key=len) if found else None


def covers(selector: str, category: str) -> bool:
    """Whether a selector means a category: it is its name, or the first words of it within its field.

    >>> covers("MEVZUAT", "MEVZUAT Kanun"), covers("HUKUK DIŞI en", "HUKUK DIŞI en math")
    (True, True)
    >>> covers("HUKUK", "HUKUK DIŞI news"), covers("İÇTİHAT Yargıtay", "İÇTİHAT")
    (False, False)
    """
    return field_of(selector) == field_of(category) and f"{category} ".startswith(f"{selector} ")


def closest(selectors: Iterable[str], category: str) -> str | None:
    """The longest of the selectors that cover a category, None if none does."""
    return max((one for one in selectors if covers(one, category)), key=len, default=None)


@lru_cache(maxsize=4096)
def _court(name: str) -> str:
    folded = fold(name)
    return next((short for pattern, short in _COURTS if pattern.search(folded)), "Diğer")


@lru_cache(maxsize=4096)
def _act(kind: str, said: str, title: str) -> str:
    for name in (said, title):
        folded = fold(name).strip(" .)*")
        for pattern, act in _ACTS:
            if pattern.search(folded):
                return act
    return _ACT_OF_KIND[kind]
