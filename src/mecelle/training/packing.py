"""Documents packed into rows of one fixed length: `[CLS] piece [SEP] [CLS] piece [SEP] ... [PAD]`.

A document that fits a row is never cut; a longer one is cut into pieces that all stay in. Rows of documents that are
held out for evaluation stand apart, so no document is on both sides.
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import orjson
from numpy.typing import NDArray

from mecelle.base import artifacts
from mecelle.base.collection import read_documents
from mecelle.base.config import Config
from mecelle.base.errors import InputError
from mecelle.base.seeds import derive
from mecelle.training.fitting import cut, fit
from mecelle.training.term_marks import BEGINS, INSIDE, make_matcher
from mecelle.training.tokens import Tokens, write_tokens

STAGE = "pack"
VERSION = 2
SPECIALS = 2
"""[CLS] and [SEP] around each piece."""
MOST_HELD_OUT = 0.1
"""Largest share of the tokens that may be held out, however small the collection."""

Part = Literal["training", "evaluation"]


class PackConfig(Config):
    """How documents become rows."""

    sequence_length: int
    """Tokens in a row, special tokens included."""
    evaluation_rows: int
    """Rows of held-out documents, as far as MOST_HELD_OUT of the tokens allows."""
    mark_terms: bool = False
    """Whether legal terms are looked for, so that they can be masked."""


def pack(
    training: Path,
    tokenizer: Path | str,
    out: Path,
    config: PackConfig,
    *,
    seed: int,
    terms: Sequence[Path] = (),
) -> None:
    """Tokenise the collection `training` and pack it into rows, for training and for evaluation.

    terms: lists of legal terms, beside the collection's own dictionary documents; read only if they are marked.
    Raises InputError if there are fewer than two documents with text (one must be held out), or no term to mark.
    """
    from transformers import AutoTokenizer

    with artifacts.create(
        out,
        stage=STAGE,
        version=VERSION,
        parameters=config,
        inputs={"training": training, "tokenizer": tokenizer, **name_lists(terms)},
        seed=seed,
    ) as run:
        matcher = make_matcher(training, terms) if config.mark_terms else None
        write_tokens(
            read_documents(training),
            AutoTokenizer.from_pretrained(tokenizer),
            run.folder,
            accounts=run.accounts,
            matcher=matcher,
        )
        tokens = Tokens(run.folder)
        check_enough(tokens, training)
        run.figures["tokens"] = int(tokens.lengths.sum())
        if matcher:
            run.figures["terms"] = len(matcher.terms)
        run.figures |= write_parts(run.folder, tokens, config, specials=SPECIALS, seed=seed)


def name_lists(terms: Sequence[Path]) -> dict[str, Path]:
    """Lists of terms as inputs of a stage, by name."""
    return {f"terms_{number}": path for number, path in enumerate(terms)}


class PackedRows:
    """Packed rows of one part of a pack: which pieces each holds, read from memory-mapped files."""

    specials = 0
    """Tokens that stand around each piece, beside those of `tokens`."""

    def __init__(self, folder: Path, part: Part) -> None:
        """folder: made by `write_parts`, with the tokens of all documents."""
        self.tokens = Tokens(folder)
        self.length: int = orjson.loads((folder / "rows.json").read_bytes())["sequence_length"]
        self.offsets: NDArray[np.int64] = np.load(folder / part / "offsets.npy")
        """Row r holds pieces offsets[r] to offsets[r + 1]."""
        self.pieces: NDArray[np.int64] = np.load(folder / part / "pieces.npy", mmap_mode="r")
        """Of each piece: document, first token in it, tokens; shape (pieces, 3)."""

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def used(self) -> NDArray[np.int64]:
        """Tokens of each row that are no padding, special tokens included; shape (rows,)."""
        sums = np.concatenate(([0], np.cumsum(self.pieces[:, 2] + self.specials)))
        return np.diff(sums[self.offsets])


class Rows(PackedRows):
    """Rows of `pack`: `[CLS] piece [SEP]` one after the other, with what masking asks of them."""

    specials = SPECIALS

    def __init__(self, folder: Path, part: Part, *, cls: int, sep: int, pad: int) -> None:
        """folder: made by `pack`; cls, sep, pad: ids of the special tokens."""
        super().__init__(folder, part)
        self.cls, self.sep, self.pad = cls, sep, pad

    def __getitem__(self, row: int) -> dict[str, NDArray[Any]]:
        """One row, five arrays of shape (length,).

        ids: int64. words: int32, number of the word within the row, -1 at special tokens. terms: int32, number of the
        occurrence of a legal term, -1 elsewhere. maskable: bool, False at special tokens and padding. block: int32,
        number of the piece; attention stays within it; -1 at padding.
        """
        ids = np.full(self.length, self.pad, np.int64)
        starts = np.zeros(self.length, np.int32)
        marks = np.zeros(self.length, np.uint8)
        maskable = np.zeros(self.length, bool)
        block = np.full(self.length, -1, np.int32)
        at = 0
        for number, (document, begin, size) in enumerate(self.pieces[self.offsets[row] : self.offsets[row + 1]]):
            source = slice(self.tokens.starts[document] + begin, self.tokens.starts[document] + begin + size)
            inside = slice(at + 1, at + 1 + size)
            ids[at], ids[at + 1 + size] = self.cls, self.sep
            ids[inside] = self.tokens.ids[source]
            starts[inside] = self.tokens.word_starts[source]
            starts[at + 1] = 1  # a piece cut inside a word begins with what is left of it
            if self.tokens.term_marks is not None:
                marks[inside] = self.tokens.term_marks[source]
                if marks[at + 1] == INSIDE:
                    marks[at + 1] = BEGINS
            maskable[inside] = True
            block[at : at + size + SPECIALS] = number
            at += size + SPECIALS
        return {
            "ids": ids,
            "words": np.where(maskable, np.cumsum(starts, dtype=np.int32), np.int32(-1)),
            "terms": np.where(marks, np.cumsum(marks == BEGINS, dtype=np.int32), np.int32(-1)),
            "maskable": maskable,
            "block": block,
        }

    def term_tokens(self) -> NDArray[np.int64]:
        """Tokens of each row that belong to legal terms; shape (rows,), all 0 if they were not looked for."""
        marks = self.tokens.term_marks
        if marks is None:
            return np.zeros(len(self), np.int64)
        begins = self.tokens.starts[self.pieces[:, 0]] + self.pieces[:, 1]
        counts = [
            np.count_nonzero(marks[one : one + size]) for one, size in zip(begins, self.pieces[:, 2], strict=True)
        ]
        sums = np.concatenate(([0], np.cumsum(counts)))
        return np.diff(sums[self.offsets])


def check_enough(tokens: Tokens, training: Path) -> None:
    """Raise InputError if `training` has fewer than two documents with text, copies apart: one must be held out."""
    found = len(set(tokens.document_ids()))
    if found < 2:
        raise InputError(f"{training}: {found} documents with text; training needs two or more")


def write_parts(folder: Path, tokens: Tokens, config: PackConfig, *, specials: int, seed: int) -> dict[str, Any]:
    """Hold documents out, pack both parts into rows, and tell how that went.

    specials: tokens that a row holds around each piece, beside those in `tokens`.
    """
    length = config.sequence_length
    held_out = _held_out(tokens.document_ids(), tokens.lengths, wanted=config.evaluation_rows * length, seed=seed)
    (folder / "rows.json").write_bytes(orjson.dumps({"sequence_length": length}))
    return {
        "training": _write_rows(folder / "training", tokens, ~held_out, length=length, specials=specials),
        "evaluation": _write_rows(folder / "evaluation", tokens, held_out, length=length, specials=specials),
    }


def _held_out(ids: list[str], lengths: NDArray[np.int64], *, wanted: int, seed: int) -> NDArray[np.bool_]:
    """Which documents are held out. By a hash of their id, so that a document stays on its side as others come.

    Copies that a mix has drawn share the id of their document, and its side.
    """
    most = int(lengths.sum() * MOST_HELD_OUT)
    sizes: dict[str, int] = defaultdict(int)
    for identity, length in zip(ids, lengths.tolist(), strict=True):
        sizes[identity] += length
    chosen: set[str] = set()
    taken = 0
    for identity in sorted(sizes, key=lambda one: (derive(seed, "held out", one), one)):
        if taken >= min(wanted, most):
            break
        if taken + sizes[identity] <= most:
            chosen.add(identity)
            taken += sizes[identity]
    if wanted and not taken:  # a handful of documents: the shortest has to do
        chosen.add(min(sizes, key=sizes.__getitem__))
    return np.array([identity in chosen for identity in ids], bool)


def _write_rows(
    folder: Path, tokens: Tokens, chosen: NDArray[np.bool_], *, length: int, specials: int
) -> dict[str, Any]:
    folder.mkdir()
    documents = np.flatnonzero(chosen)
    owner, begin, size = cut(tokens.lengths[documents], most=length - specials)
    rows = fit(size + specials, capacity=length)
    order = np.asarray([piece for row in rows for piece in row], np.int64)
    np.save(folder / "pieces.npy", np.stack([documents[owner], begin, size], axis=1).astype(np.int64)[order])
    np.save(folder / "offsets.npy", np.cumsum([0, *(len(row) for row in rows)]).astype(np.int64))
    used = int((size + specials).sum())
    return {
        "documents": len(documents),
        "documents_cut": int((tokens.lengths[documents] > length - specials).sum()),
        "pieces": len(order),
        "rows": len(rows),
        "tokens": int(size.sum()),
        "efficiency": round(used / max(1, len(rows) * length), 6),
    }
