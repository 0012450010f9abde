"""Rows of a list of terms become words that can be tokens."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from mecelle.base.collection import read_jsonl
from mecelle.base.document import Document
from mecelle.base.errors import InputError
from mecelle.text import casing, unicode

Fault = Literal["empty", "numeral", "several_words", "mark_inside", "too_long"]
"""Why a term cannot be one token, whatever the corpus holds."""

LONGEST = 50
"""Letters of a term; longer ones are sentences that lost their spaces, and WordPiece gives up beyond 100."""

_ALTERNATIVES = re.compile(r"[(),;/\n]")
_EDGE = re.compile(r"^[\W_]+|[\W_]+$")
_NUMERAL = re.compile(r"\d+|[IVXLCDM]{2,}")
_TERM_FIELDS = ("term", "title", "heading")


def read_terms(path: Path) -> Iterator[str]:
    """Terms of a seed file: JSON Lines with a field `term` (plain, .gz, .zst), or a text file with one in a line.

    Raises InputError if the file is absent, a row has no term, or nothing is in it.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file of seed terms; expected .jsonl (.gz, .zst) with 'term', or .txt")
    found = 0
    for term in _jsonl_terms(path) if ".jsonl" in path.suffixes else _plain_terms(path):
        found += 1
        yield term
    if not found:
        raise InputError(f"{path}: no seed term in it; leave the file out to train without seeds")


def document_term(document: Document) -> str | None:
    """The term that a document of kind "dictionary" explains, or None."""
    if document.metadata.get("kind") != "dictionary":
        return None
    return next((str(document.metadata[name]) for name in _TERM_FIELDS if document.metadata.get(name)), None)


def clean_terms(raw: Iterable[str]) -> list[str]:
    """Terms in lower case, each once, sorted; alternatives ("Ekalliyet (akalliyet)") are terms of their own.

    >>> clean_terms(["Ekalliyet (akalliyet)", "İBRA ", "ibrâ", '"İbra"', "md."])
    ['akalliyet', 'ekalliyet', 'ibra', 'ibrâ', 'md']
    """
    return sorted({casing.lower(term) for row in raw for term in alternatives(row)})


def alternatives(row: str) -> list[str]:
    """The terms of one row, cleaned, in their own case, without the marks around them: none, one or several.

    >>> alternatives("Gaî (gaiye)"), alternatives("«İhsas.»"), alternatives("(—)")
    (['Gaî', 'gaiye'], ['İhsas'], [])
    """
    parts = (" ".join(_EDGE.sub("", part).split()) for part in _ALTERNATIVES.split(unicode.clean(row)))
    return [part for part in dict.fromkeys(parts) if part]


def fault(term: str) -> Fault | None:
    """Why a term of `alternatives` cannot be a token, or None.

    >>> [fault(term) for term in ("İbra", "acele itiraz", "adem-i", "Def'i", "49", "IV", "T.C", "müdde'i")]
    [None, 'several_words', 'mark_inside', 'mark_inside', 'numeral', 'numeral', 'mark_inside', 'mark_inside']
    """
    if not term:
        return "empty"
    if _NUMERAL.fullmatch(term):
        return "numeral"
    if " " in term:
        return "several_words"
    if not term.isalpha():
        return "mark_inside"
    return "too_long" if len(term) > LONGEST else None


def spellings(term: str) -> tuple[str, ...]:
    """How decisions may spell a term, in lower case, itself first: the circumflex is often left out.

    >>> spellings("Hâkim"), spellings("ibra")
    (('hâkim', 'hakim'), ('ibra',))
    """
    lower = casing.lower(term)
    return tuple(dict.fromkeys((lower, casing.without_circumflex(lower))))


def with_dotted_initial(term: str) -> str | None:
    """The term with İ for an initial I, which lists typed on other keyboards have ("Ihtiyati"); None if there is none.

    >>> with_dotted_initial("Ihzâr"), with_dotted_initial("ıslah")
    ('İhzâr', None)
    """
    return "İ" + term[1:] if term[:1] == "I" else None


def forms(term: str) -> tuple[str, ...]:
    """The term in lower, title and upper case by Turkish rules, each once.

    >>> forms("istinaf")
    ('istinaf', 'İstinaf', 'İSTİNAF')
    """
    return tuple(dict.fromkeys((casing.lower(term), casing.title(term), casing.upper(term))))


def _jsonl_terms(path: Path) -> Iterator[str]:
    for number, row in enumerate(read_jsonl(path), start=1):
        term = row.get("term") if isinstance(row, dict) else None
        if not isinstance(term, str):
            raise InputError(f"{path}: row {number} has no text in the field 'term'; found {str(row)[:80]}")
        yield term


def _plain_terms(path: Path) -> Iterator[str]:
    try:
        yield from (line for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip())
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 ({error}); save the list as UTF-8 text, one term in a line") from None
