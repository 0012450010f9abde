"""What kind of document a text is: what its row says, else what its fields and its own text show."""

import re
from collections.abc import Mapping
from typing import Any

from mecelle.base.document import KINDS
from mecelle.text.casing import fold
from mecelle.text.headers import decision_metadata

# Turkish names of the kinds, as sources write them; compared by `fold` and without spaces, so case does not matter.
_NAMES = {
    "decision": ("karar", "mahkeme kararı", "yargı kararı", "içtihat", "ilam", "decisions", "case"),
    "statute": (
        "kanun", "khk", "kanun hükmünde kararname", "cumhurbaşkanlığı kararnamesi", "cbk", "anayasa", "mülga", "mulga",
        "mülga kanun", "tüzük", "law", "act", "code",
    ),
    "article": ("madde", "kanun maddesi"),
    "regulation": (
        "yönetmelik", "tebliğ", "genelge", "yönerge", "cumhurbaşkanı kararı", "cumhurbaşkanlığı kararı", "ilke kararı",
        "bakanlar kurulu kararı", "usul ve esaslar",
    ),
    "contract": ("sözleşme", "mukavele", "kontrat"),
    "dictionary": ("sözlük", "terim", "term", "definition"),
    "thesis": ("tez", "makale", "article (journal)"),
    "question": ("soru", "soru-cevap", "qa"),
    "web": ("web sayfası", "haber", "blog", "html"),
    "other": ("diğer",),
}  # fmt: skip
_KIND_OF = {fold(name): kind for kind, names in _NAMES.items() for name in (kind, *names)}

TELLING_FIELDS = frozenset({"term", "definition", "question"})
"""Fields without a fixed meaning that tell the kind of a row."""

_HEAD_CHARACTERS = 3_000
_ARTICLE_LINE = re.compile(r"^[^\S\n]*+(?:(?:geçici|ek|mükerrer)\s+)?madde\s*\d+", re.MULTILINE)
_LEAST_ARTICLES = 2  # a decision that quotes one article on a line of its own is no act
_LAW_NUMBER = re.compile(r"^[^\S\n]*+kanun\s+(?:numarası|no)\s*\.?\s*:?\s*(\d{1,5})\b", re.MULTILINE)
# The last word of a Turkish title says what the text is: "Kira Sözleşmesi Hakkında Kanun" is an act.
_TITLE_END = re.compile(
    r"\b(?:(?P<contract>sözleşme(?:si)?|protokol[üu]?)|(?P<regulation>yönetmeli[kğ]i?|tebliğ?i?|yönergesi?|genelgesi?)"
    r"|(?P<statute>kanunu?|kararnamesi?|anayasası))\W*$",
    re.MULTILINE,
)


def named_kind(name: str) -> str | None:
    """The kind that a word of a source means ("KANUN", "Yönetmelik", "karar"), or None.

    >>> named_kind("CUMHURBAŞKANLIĞI KARARNAMESİ"), named_kind("poem")
    ('statute', None)
    """
    plain = fold(" ".join(name.replace("_", " ").split()))
    return _KIND_OF.get(plain) or _KIND_OF.get(plain.replace("ı", "i"))  # DECISION is English, and its I an i


def decide_kind(
    text: str, fields: Mapping[str, Any], *, given: str | None = None, default: str = "other"
) -> tuple[str, str | None]:
    """Kind of a document, one of KINDS, and what its row called it if that is another word.

    In this order: `given` by the user; the row's own `kind`; its fields; the text's header and articles; `default`.
    """
    said = fields.get("kind")
    own = named_kind(said) if isinstance(said, str) else None
    other_word = str(said) if said is not None and said != (given or own) else None
    kind = given or own or _kind_by_fields(fields) or _kind_by_text(text) or default
    assert kind in KINDS
    return kind, other_word


def law_number(text: str) -> str | None:
    """The number that an act states in its head ("Kanun Numarası : 6098"), or None."""
    match = _LAW_NUMBER.search(fold(text[:_HEAD_CHARACTERS]))
    return match[1] if match else None


def _kind_by_fields(fields: Mapping[str, Any]) -> str | None:
    has = {key for key, value in fields.items() if value not in (None, "")}
    if has & {"court", "chamber", "case_number", "decision_number"}:
        return "decision"
    if {"law_number", "article"} <= has:
        return "article"
    if "law_number" in has:
        return "statute"
    if {"term", "definition"} <= has:
        return "dictionary"
    return "question" if "question" in has else None


def _kind_by_text(text: str) -> str | None:
    head = fold(text[:_HEAD_CHARACTERS])
    if len(_ARTICLE_LINE.findall(fold(text[: 10 * _HEAD_CHARACTERS]))) >= _LEAST_ARTICLES or _LAW_NUMBER.search(head):
        return _kind_of_articles(head)
    found = decision_metadata(text)
    if found.court and (found.chamber or found.case_number or found.decision_number or found.date):
        return "decision"
    return "contract" if "sözleşme" in " ".join(head.split("\n", 2)[:2]) else None


def _kind_of_articles(head: str) -> str:
    """Act, regulation or contract, by the title: the lines before the first article."""
    first = _ARTICLE_LINE.search(head)
    title = head[: first.start()] if first else head
    ends = list(_TITLE_END.finditer(title))
    return (ends[-1].lastgroup or "statute") if ends and not _LAW_NUMBER.search(title) else "statute"
