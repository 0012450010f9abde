"""The documents that a person means: by id, by the source's own id, by number, by citation, by title, by file."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from itertools import chain
from pathlib import Path
from typing import Any

from mecelle.base.collection import read_documents
from mecelle.base.document import Document
from mecelle.base.errors import InputError
from mecelle.retrieval.references import find_references
from mecelle.text.casing import fold
from mecelle.text.citations import find_citations
from mecelle.text.headers import citation_form

NAMES = ("source_id", "case_number", "decision_number", "law_number", "title")
"""Metadata by which a person may name a document, besides its id, its citation and `source`."""
_NUMBERS = ("case_number", "decision_number")
_MOST_OFFERED = 3


def named(folders: Sequence[Path], name: str) -> list[Document]:
    """The documents of one or more collections that `name` names, in order.

    `Yargıtay 4. HD, E. 2024/3494` leaves out what is known of another court, chamber or kind of number.
    Raises InputError that offers the nearest names if there is none.
    """
    wanted, asked, numbers = fold(name), _asked_keys(name), set(find_references(name).decisions)
    found: list[Document] = []
    offered: dict[str, str] = {}
    for document in chain.from_iterable(read_documents(folder) for folder in folders):
        names = list(_names(document))
        is_named = any(fold(one) == wanted for one in names) or is_file(document, name)
        if is_named or _is_cited(document, asked, numbers):
            found.append(document)
        elif not found:
            offered |= {fold(one): one for one in names}
    if not found:
        near = [offered[one] for one in get_close_matches(wanted, offered, n=_MOST_OFFERED)]
        raise InputError(
            f"{', '.join(map(str, folders))}: no document is called '{name}'"
            + (f"; the nearest are {', '.join(near)}" if near else "")
            + ". Give an id, the source's own id, a citation (Yargıtay 4. HD, E. 2024/3494), an exact title, or a file "
            "as `mecelle search --json` shows it"
        )
    return found


def described(document: Document) -> str:
    """Court, numbers and date of a decision, the title of all else; the id if there is neither."""
    facts = ("court", "chamber", "case_number", "decision_number", "date", "title")
    return ", ".join(str(document.metadata[key]) for key in facts if document.metadata.get(key)) or document.id


def is_file(document: Document, name: str) -> bool:
    """Whether `name` is the file that the document was read from, or its place in that file."""
    source = str(document.metadata.get("source", ""))
    return name in (source, source.partition("#")[0])


def _names(document: Document) -> Iterator[str]:
    metadata = document.metadata
    yield document.id
    yield from (str(metadata[key]) for key in NAMES if metadata.get(key))
    if any(metadata.get(key) for key in _NUMBERS):
        yield _citations(metadata)[0]


def _citations(metadata: dict[str, Any]) -> tuple[str, str]:
    """The decision with its chamber in short (4. HD) and in full."""
    case_number, decision_number = (metadata.get(key) for key in _NUMBERS)
    court, chamber = metadata.get("court"), metadata.get("chamber")
    bare = citation_form(None, None, case_number, decision_number, None)
    return (
        citation_form(court, chamber, case_number, decision_number, None),
        f"{' '.join(part for part in (court, chamber) if part)}, {bare}",
    )


def _asked_keys(name: str) -> list[frozenset[str]]:
    """The parts of the key of each decision that is cited: court, chamber, `e2024/3494`, `k2024/5460`.

    A bare number may be either: `4. HD 2024/3494`.
    """
    if found := _keys(name):
        return found
    return [
        key
        for number in find_references(name).decisions
        for letter in ("E. ", "K. ")
        for key in _keys(name.replace(number, letter + number, 1))
    ]


def _keys(text: str) -> list[frozenset[str]]:
    cited = [one for one in find_citations(text) if one.kind == "decision"]
    return [frozenset(key.split(":")) - {"?"} for one in cited for key in one.normalised]


def _is_cited(document: Document, asked: list[frozenset[str]], numbers: set[str]) -> bool:
    if not numbers.intersection(str(document.metadata.get(field)) for field in _NUMBERS):
        return False
    own = [key for text in _citations(document.metadata) for key in _keys(text)]
    return any(one <= key for one in asked for key in own)
