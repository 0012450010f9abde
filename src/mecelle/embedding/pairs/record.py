"""One training pair, and how pairs lie on disk."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from mecelle.base.artifacts import read_marker
from mecelle.base.collection import JsonlWriter, read_jsonl
from mecelle.base.errors import InputError

FILE = "pairs.jsonl.zst"
HELD_OUT = "held_out.jsonl.zst"
"""Beside it: pairs of the same form that are not trained on."""


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


def make_pair(draft: Draft, *, kind: str) -> Pair:
    """A pair with its id: 24 hexadecimal digits of kind, ids and both texts."""
    key = "\x1f".join((kind, draft.query_id, draft.document_id, draft.query, draft.document))
    identity = hashlib.blake2b(key.encode(), digest_size=12).hexdigest()
    return Pair(f"pair-{identity}", kind, draft.query, draft.document, draft.query_id, draft.document_id)


def write_pairs(pairs: Iterable[Pair], folder: Path, *, name: str = FILE) -> None:
    """Write the file `name` into `folder`."""
    with JsonlWriter(folder / name) as writer:
        for pair in pairs:
            writer.write(asdict(pair))


def read_pairs(path: Path) -> Iterator[Pair]:
    """Pairs of an artifact of stage "pairs", or of a JSON Lines file with the same fields.

    A user's own file needs `query` and `document` only: the other fields are filled in.
    Raises ArtifactError for a half-written artifact, InputError that names file and line for a row that is no pair.
    """
    if path.is_dir():
        read_marker(path, stage="pairs")
        path = path / FILE
    elif not path.exists():
        raise InputError(
            f"{path}: no such file; expected an artifact of `embedding pairs` or a JSON Lines file of pairs"
        )
    for number, row in enumerate(read_jsonl(path), start=1):
        yield _pair(row, where=f"{path}:{number}", position=f"{path.name}#{number}")


def _pair(row: object, *, where: str, position: str) -> Pair:
    if not isinstance(row, dict) or not all(isinstance(row.get(side), str) for side in ("query", "document")):
        raise InputError(f"{where}: not a pair; expected an object with the texts 'query' and 'document'")
    draft = Draft(
        row["query"], row["document"], str(row.get("query_id", position)), str(row.get("document_id", position))
    )
    made = make_pair(draft, kind=str(row.get("kind", "given")))
    return Pair(str(row["id"]), *list(asdict(made).values())[1:]) if "id" in row else made
