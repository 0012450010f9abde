"""The domain of a document for perplexity: law by field, decisions by court, general text by kind.

Names are ASCII, as names of records are: `law-tax`, `decisions-yargitay`, `general-news`, `english`, `code`.
"""

from functools import cache
from importlib.resources import files

from mecelle.base.config import read_plain
from mecelle.base.document import Document
from mecelle.corpus.statistics.categories import CASE_LAW, LEGISLATION, NOT_LAW, category, field_of
from mecelle.text.casing import ascii_fold, fold

OTHER_ACTS = "law-other"
CODE = ("python",)
"""Languages, as collections name them, that are programs."""


def domain(document: Document) -> str:
    """The domain of a document.

    Acts and articles by the field of their number (`data/fields_of_law.yaml`), regulations and notices together,
    decisions by court, other documents of law by their category; general text by its own domain, other languages by
    their code, with mathematics and programs apart.
    """
    named = category(document)
    field, part = field_of(named), named.removeprefix(f"{field_of(named)}").strip()
    if field == CASE_LAW:
        return f"decisions-{slug(part)}"
    if field == LEGISLATION:
        if document.metadata.get("kind") == "regulation":
            return "law-regulations"
        return fields_of_law().get(str(document.metadata.get("law_number", "")), OTHER_ACTS)
    if field != NOT_LAW:
        return f"law-{slug(part)}"
    return _general(document, part)


@cache
def fields_of_law() -> dict[str, str]:
    """Number of an act -> `law-<field>`."""
    text = files("mecelle.decoder.curriculum").joinpath("data", "fields_of_law.yaml").read_text(encoding="utf-8")
    return {str(number): f"law-{field}" for field, numbers in read_plain(text).items() for number in numbers}


def slug(name: str) -> str:
    """A name in ASCII, small letters, words joined by hyphens; `other` for one without letters.

    >>> slug("Danıştay"), slug("speech/history book")
    ('danistay', 'speech-history-book')
    """
    words = "".join(one if one.isalnum() else " " for one in ascii_fold(fold(name))).split()
    return "-".join(words) or "other"


def _general(document: Document, part: str) -> str:
    language = document.metadata.get("language") or document.metadata.get("lang") or "tr"
    if language == "tr":
        return f"general-{slug(part)}"
    if language in CODE:
        return "code"
    if "math" in str(document.metadata.get("domain")):
        return "mathematics"
    return {"en": "english"}.get(language, f"other-{slug(str(language))}")
