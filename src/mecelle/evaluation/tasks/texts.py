"""Held-out texts by domain: what masked accuracy and perplexity are measured on."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from mecelle.base.collection import is_collection, read_documents, read_jsonl
from mecelle.base.document import content_hash
from mecelle.base.errors import InputError
from mecelle.base.seeds import generator
from mecelle.documents.queries import row_id
from mecelle.evaluation.splits import Splits
from mecelle.text.unicode import nfc
from mecelle.text.words import word_spans

COURTS = {"Yargıtay": "yargitay", "Danıştay": "danistay", "Anayasa Mahkemesi": "aym"}
GENERAL = ("news", "encyclopedia", "review", "parliament")
"""Domains of the general text that are told."""


@dataclass(frozen=True, slots=True)
class HeldOutText:
    """One document."""

    id: str
    domain: str
    text: str
    group: str = ""
    """What it was held out with, such as its act; texts of one group are alike. Empty: itself alone."""


def read_texts(sources: Mapping[str, Path], *, field: str = "text", by: str | None = None) -> list[HeldOutText]:
    """Texts of the user's own.

    sources: domain -> JSON Lines, or an artifact with documents. field: where a row's text stands. by: a field (of a
    row, or of a document's metadata) that divides a source further, such as `category`. Texts of one id are told apart
    as `id#2`, `id#3`.
    Raises InputError for a row without text, or a source without rows.
    """
    found = []
    often = Counter[str]()
    for domain, path in sources.items():
        rows = list(_documents(path) if path.is_dir() and is_collection(path) else _rows(path))
        if not rows:
            raise InputError(f"{path}: no rows in it; expected texts to score")
        for number, row in enumerate(rows, start=1):
            if not isinstance(row.get(field), str):
                raise InputError(f"{path}:{number}: no text in '{field}'; found the fields {', '.join(row)}")
            part = f"{domain}-{row.get(by) or 'unknown'}" if by else domain
            name = f"{domain}:{row_id(row, str(number))}"
            often[name] += 1
            found.append(HeldOutText(name if often[name] == 1 else f"{name}#{often[name]}", part, nfc(row[field])))
    return found


def standard_texts(data: Path, splits: Path, side: Literal["development", "test"]) -> list[HeldOutText]:
    """Decisions of one side of docs/splits.json by court, articles in force, regulations, and general text.

    data: the folder that holds legal/ and general/. Articles and regulations are in nobody's split: whether a model was
    trained on them is what leakage tells.
    """
    ids = set(Splits.load(splits).decisions[side])
    return [HeldOutText(row["id"], domain, nfc(row["text"])) for domain, row in _standard_rows(data, ids)]


def _standard_rows(data: Path, decisions: Collection[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    legal = data / "legal"
    for row in read_jsonl(legal / "decisions.jsonl.gz"):
        if row["id"] in decisions:
            yield f"decisions-{COURTS.get(row['court'], row['court'])}", row
    for row in read_jsonl(legal / "statute_articles.jsonl.gz"):
        if not row["repealed"]:
            yield "statutes", row
    for row in read_jsonl(legal / "regulations.jsonl.gz"):
        if not row.get("truncated"):
            yield "regulations", row
    for row in read_jsonl(data / "general" / "text.jsonl.gz"):
        if row["domain"] in GENERAL:
            yield f"general-{row['domain']}", row


def draw(
    texts: Sequence[HeldOutText], *, per_domain: int, words: int | None, seed: int
) -> dict[str, list[HeldOutText]]:
    """Domain -> one passage of `words` words from each of up to `per_domain` documents, drawn by the seed.

    The cut is made in words, so that every model reads the same passages whatever its tokens are. Documents of fewer
    words are passed over; with words None documents are whole. Raises InputError if nothing is left.
    """
    by_domain: dict[str, list[HeldOutText]] = {}
    for text in texts:
        by_domain.setdefault(text.domain, []).append(text)
    drawn = {domain: list(_passages(own, per_domain, words, seed)) for domain, own in sorted(by_domain.items())}
    if not any(drawn.values()):
        raise InputError(f"none of {len(texts)} texts has {words or 1} words; give longer ones, or shorter passages")
    return {domain: passages for domain, passages in drawn.items() if passages}


def data_hash(texts: Iterable[HeldOutText]) -> str:
    """Of ids and texts, in their order."""
    return content_hash("\x1e".join(f"{one.id}\x1f{one.text}" for one in texts))


def _passages(texts: Sequence[HeldOutText], most: int, words: int | None, seed: int) -> Iterator[HeldOutText]:
    rng = generator(seed, "passages", texts[0].domain)
    taken = 0
    for number in rng.permutation(len(texts)):
        text = texts[number]
        spans = word_spans(text.text)
        if len(spans) < (words or 1):
            continue
        if words is None:
            yield text
        else:
            first = int(rng.integers(0, len(spans) - words + 1))
            yield replace(text, text=text.text[spans[first][0] : spans[first + words - 1][1]])
        taken += 1
        if taken == most:
            return


def _documents(path: Path) -> Iterator[dict[str, Any]]:
    return ({**one.metadata, "id": one.id, "text": one.text} for one in read_documents(path))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected JSON Lines, or an artifact with documents")
    for number, row in enumerate(read_jsonl(path), start=1):
        if not isinstance(row, dict):
            raise InputError(f"{path}:{number}: expected an object, found a {type(row).__name__}")
        yield row
