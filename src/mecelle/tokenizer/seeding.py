"""Terms of a legal dictionary become tokens: HukukBERT §3.3.

A term of one word that occurs in the corpus is given to the vocabulary in lower, title and upper case, since decisions
write it in all three. Terms of several words are left out, since no token spans a space; so are terms that never occur,
since nothing would train their vectors. What was left out is listed with its reason.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from mecelle.base.collection import read_jsonl
from mecelle.base.document import Document
from mecelle.base.errors import InputError
from mecelle.text import casing, unicode
from mecelle.tokenizer.splitting import normalizer, pre_tokenizer

Reason = Literal["several_words", "not_in_corpus", "no_room"]
"""Why a term was dropped; not_in_corpus includes terms that occur too rarely, and only in dictionaries."""

_ALTERNATIVES = re.compile(r"[(),;/]")
_EDGE = re.compile(r"^[\W_]+|[\W_]+$")
_TERM_FIELDS = ("term", "title", "heading")


class Kept(BaseModel):
    """A term that became tokens."""

    model_config = ConfigDict(frozen=True)

    term: str
    forms: tuple[str, ...]
    occurrences: int
    """In the corpus outside dictionaries, all forms together."""


class Dropped(BaseModel):
    """A term that did not."""

    model_config = ConfigDict(frozen=True)

    term: str
    reason: Reason
    occurrences: int


class Seeds(BaseModel):
    """What became of the terms; both lists in alphabetical (code point) order."""

    kept: tuple[Kept, ...] = ()
    dropped: tuple[Dropped, ...] = ()

    @property
    def tokens(self) -> list[str]:
        """All forms of all kept terms, each once."""
        return list(dict.fromkeys(form for one in self.kept for form in one.forms))


def clean_terms(raw: Iterable[str]) -> list[str]:
    """Terms in lower case, each once, sorted; alternatives ("Ekalliyet (akalliyet)") are terms of their own.

    >>> clean_terms(["Ekalliyet (akalliyet)", "İBRA ", "ibrâ", '"İbra"', "1."])
    ['1', 'akalliyet', 'ekalliyet', 'ibra', 'ibrâ']
    """
    parts = (part for term in raw for part in _ALTERNATIVES.split(unicode.clean(term)))
    return sorted({casing.lower(" ".join(_EDGE.sub("", part).split())) for part in parts} - {""})


def forms(term: str) -> tuple[str, ...]:
    """The term in lower, title and upper case by Turkish rules, each once.

    >>> forms("istinaf")
    ('istinaf', 'İstinaf', 'İSTİNAF')
    """
    return tuple(dict.fromkeys((casing.lower(term), casing.title(term), casing.upper(term))))


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


def choose(terms: Sequence[str], counts: Mapping[str, int], *, least_occurrences: int, room: int) -> Seeds:
    """Decide on each of `terms` (from `clean_terms`).

    counts: how often each form stands in the corpus; least_occurrences: of all forms together; room: how many tokens
    seeds may take: the most frequent terms get them.
    """
    total = {term: sum(counts.get(form, 0) for form in forms(term)) for term in terms}
    kept: list[Kept] = []
    dropped: list[Dropped] = []
    for term in sorted(terms, key=lambda term: (-total[term], term)):
        reason: Reason | None = None
        if not is_one_word(term):
            reason = "several_words"
        elif total[term] < least_occurrences:
            reason = "not_in_corpus"
        elif len(forms(term)) > room:
            reason = "no_room"
        if reason:
            dropped.append(Dropped(term=term, reason=reason, occurrences=total[term]))
        else:
            kept.append(Kept(term=term, forms=forms(term), occurrences=total[term]))
            room -= len(forms(term))
    return Seeds(
        kept=tuple(sorted(kept, key=lambda one: one.term)), dropped=tuple(sorted(dropped, key=lambda one: one.term))
    )


def is_one_word(term: str) -> bool:
    """Whether a term can be one token: no space, digit or mark in it, in none of its forms."""
    clean, words = normalizer(), pre_tokenizer()
    return all(len(words.pre_tokenize_str(clean.normalize_str(form))) == 1 for form in forms(term))


def _jsonl_terms(path: Path) -> Iterator[str]:
    for number, row in enumerate(read_jsonl(path), start=1):
        term = row.get("term") if isinstance(row, dict) else None
        if not isinstance(term, str):
            raise InputError(f"{path}: row {number} has no text in the field 'term'; found {str(row)[:80]}")
        yield term


def _plain_terms(path: Path) -> Iterator[str]:
    try:
        yield from (line for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 ({error}); save the list as UTF-8 text, one term in a line") from None
