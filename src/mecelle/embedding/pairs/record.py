"""One training pair, and how pairs lie on disk."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from mecelle.base.artifacts import read_marker
from mecelle.base.collection import JsonlWriter, read_jsonl
from mecelle.embedding.pairs.tables import Row, read_rows

FILE = "pairs.jsonl.zst"
HELD_OUT = "held_out.jsonl.zst"
"""Beside it: pairs of the same form that are not trained on."""
PAIR_STAGES = ("pairs", "negatives")
"""Stages whose artifacts hold pairs."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a kind of pair proposes: two texts, and the documents that they come from."""

    query: str
    document: str
    query_id: str
    """Id of the Document that the query was taken from."""
    document_id: str
    """Id of the Document that holds the text."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A query and the text that answers it."""

    id: str
    kind: str
    query: str
    document: str
    query_id: str
    document_id: str
    negatives: tuple[str, ...] = ()
    """Texts that seem to answer the query and do not (hard negatives)."""
    grade: float | None = None
    """How close query and document are, on any scale, higher for closer; None where all pairs belong together."""
    negative_ids: tuple[str, ...] = ()
    """Ids of the Documents that hold the negatives, in their order; empty where nobody knows them."""


def make_pair(
    draft: Draft,
    *,
    kind: str,
    negatives: Sequence[str] = (),
    negative_ids: Sequence[str] = (),
    grade: float | None = None,
) -> Pair:
    """A pair with its id: 24 hexadecimal digits of kind, ids and both texts."""
    key = "\x1f".join((kind, draft.query_id, draft.document_id, draft.query, draft.document))
    identity = f"pair-{hashlib.blake2b(key.encode(), digest_size=12).hexdigest()}"
    texts = (draft.query, draft.document, draft.query_id, draft.document_id)
    return Pair(identity, kind, *texts, negatives=tuple(negatives), grade=grade, negative_ids=tuple(negative_ids))


def with_negatives(pair: Pair, found: Iterable[tuple[str, str]]) -> Pair:
    """The pair with these negatives: each a text and the id of its Document, "" where nobody knows it."""
    found = list(found)
    ids = tuple(source for _, source in found)
    return replace(pair, negatives=tuple(text for text, _ in found), negative_ids=ids if any(ids) else ())


def negatives_of(pair: Pair) -> list[tuple[str, str]]:
    """Text and id of each negative, as `with_negatives` takes them."""
    return list(zip(pair.negatives, pair.negative_ids or [""] * len(pair.negatives), strict=True))


def write_pairs(pairs: Iterable[Pair], folder: Path, *, name: str = FILE) -> None:
    """Write the file `name` into `folder`."""
    with JsonlWriter(folder / name) as writer:
        for pair in pairs:
            row = asdict(pair)
            writer.write(row if pair.negative_ids else {name: row[name] for name in row if name != "negative_ids"})


def read_pairs(path: Path) -> Iterator[Pair]:
    """Pairs of an artifact that holds pairs, or of a user's file: JSON Lines, CSV, TSV or Parquet.

    A file of the user's needs the columns `query` and `document` (or names that mean the same,
    `mecelle.embedding.pairs.tables`); the rest is filled in.
    Raises ArtifactError for a half-written artifact, InputError that names file and row for a row that is no pair.
    """
    if path.is_dir():
        read_marker(path, stage=PAIR_STAGES)
        yield from map(_stored, read_jsonl(path / FILE))
        return
    for row in read_rows(path):
        yield pair_of(row, source=path.name, kind="given")


def read_held_out(path: Path) -> list[Pair]:
    """The pairs of an artifact that are not trained on; none of a file, or where none were held out."""
    if not path.is_dir():
        return []
    read_marker(path, stage=PAIR_STAGES)
    return [_stored(row) for row in read_jsonl(path / HELD_OUT)] if (path / HELD_OUT).exists() else []


def _stored(row: dict[str, Any]) -> Pair:
    return Pair(**row | {name: tuple(row.get(name, ())) for name in ("negatives", "negative_ids")})


def pair_of(row: Row, *, source: str, kind: str) -> Pair:
    """The pair of a row of a table; ids and kind are the row's own where it has such columns."""
    own = {name: row.fields.get(name) or f"{source}#{row.number}" for name in ("query_id", "document_id")}
    draft = Draft(row.query, row.document, str(own["query_id"]), str(own["document_id"]))
    ids = [f"{source}#{number}" for number in row.negative_rows or [row.number] * len(row.negatives)]
    kind = str(row.fields.get("kind") or kind)
    return make_pair(draft, kind=kind, negatives=row.negatives, negative_ids=ids, grade=row.grade)
