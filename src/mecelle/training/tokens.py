"""Tokenised documents on disk: every text is tokenised once and then only mapped into memory.

tokens.bin         ids of all documents, one after the other; uint16, or uint32 if needed
word_starts.bin    uint8: 1 where a token begins a word
term_marks.bin     uint8, only where terms were looked for: see `term_marks`
lengths.npy        tokens of each document, int64
documents.jsonl    {id} of each document, in the same order
tokens.json        {vocabulary, dtype}
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import islice
from os import SEEK_END
from pathlib import Path
from typing import Any, Self

import numpy as np
import orjson
from numpy.typing import NDArray

from mecelle.base.accounts import Accounts
from mecelle.base.collection import JsonlWriter, read_jsonl
from mecelle.base.document import Document, content_hash
from mecelle.base.progress import Progress
from mecelle.text.term_matcher import TermMatcher
from mecelle.training.term_marks import mark_terms

BATCH = 256
"""Documents that the tokenizer gets at once: enough for its threads, little enough memory."""
BYTE = np.dtype(np.uint8)


def write_tokens(
    documents: Iterable[Document],
    tokenizer: Any,
    folder: Path,
    *,
    accounts: Accounts,
    matcher: TermMatcher | None = None,
    begin: Sequence[int] = (),
    end: Sequence[int] = (),
) -> None:
    """Tokenise `documents` into `folder`, whole: nothing is cut. Documents without any token are dropped as "empty".

    tokenizer: a fast tokenizer of transformers; matcher: of the terms that are marked, if any; begin, end: ids that are
    put around each document. Copies that a mix has drawn (they carry `copy`) are read once and then repeated, for which
    some 200 bytes of each such text are kept in memory.
    """
    assert not (matcher and (begin or end)), "terms stand at the places of the text's own tokens"
    backend = tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    backend.encode_special_tokens = True  # "[SEP]" in a document is text
    dtype = np.dtype(np.uint16 if len(tokenizer) <= 1 << 16 else np.uint32)
    columns = {"tokens.bin": dtype, **dict.fromkeys(("word_starts.bin", "term_marks.bin")[: 2 if matcher else 1], BYTE)}
    drawn: dict[bytes, int] = {}  # texts of copies that are written: number of the document
    with (
        _Columns(folder, columns) as files,
        JsonlWriter(folder / "documents.jsonl") as ids_of_documents,
        Progress("tokenise", unit="documents") as progress,
    ):
        for batch in _batches(documents):
            keys = [_key(document) for document in batch]
            new = [document.text for document, key in zip(batch, keys, strict=True) if key not in drawn]
            encodings = dict(zip(new, backend.encode_batch(new, add_special_tokens=False), strict=True))
            for document, key in zip(batch, keys, strict=True):
                progress.advance()
                if key in drawn:
                    files.repeat(drawn[key])
                elif (encoding := encodings[document.text]).ids:
                    starts = word_starts([*(None for _ in begin), *encoding.word_ids, *(None for _ in end)])
                    values = [np.asarray([*begin, *encoding.ids, *end], dtype), starts]
                    if matcher:
                        values.append(mark_terms(matcher.find(document.text), encoding.offsets, starts))
                    number = files.add(values)
                    if key:
                        drawn[key] = number
                else:
                    accounts.drop("empty")
                    continue
                accounts.keep()
                ids_of_documents.write({"id": document.id})
        np.save(folder / "lengths.npy", np.asarray(files.lengths, np.int64))
    (folder / "tokens.json").write_bytes(orjson.dumps({"vocabulary": len(tokenizer), "dtype": dtype.name}))


def _key(document: Document) -> bytes | None:
    """Of the text, if it may come again."""
    return bytes.fromhex(content_hash(document.text)) if "copy" in document.metadata else None


class _Columns:
    """Files of one number for each token, appended to document by document."""

    def __init__(self, folder: Path, types: Mapping[str, np.dtype[Any]]) -> None:
        """types: of the numbers of each file, by its name."""
        self.lengths = array("q")
        """Tokens of each document."""
        self._starts = array("q", [0])
        self._sizes = [dtype.itemsize for dtype in types.values()]
        self._paths = [folder / name for name in types]

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._files = [stack.enter_context(path.open("w+b")) for path in self._paths]
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def add(self, values: Sequence[NDArray[Any]]) -> int:
        """Append a document, with an array of shape (tokens,) for each file; its number."""
        for file, column in zip(self._files, values, strict=True):
            file.write(column.tobytes())
        return self._count(len(values[0]))

    def repeat(self, number: int) -> int:
        """Append what document `number` has; the new number."""
        start, length = self._starts[number], self.lengths[number]
        for file, size in zip(self._files, self._sizes, strict=True):
            file.seek(start * size)
            again = file.read(length * size)
            file.seek(0, SEEK_END)
            file.write(again)
        return self._count(length)

    def _count(self, length: int) -> int:
        self.lengths.append(length)
        self._starts.append(self._starts[-1] + length)
        return len(self.lengths) - 1


def word_starts(word_of_token: list[int | None]) -> NDArray[np.uint8]:
    """1 where a token begins a word, 0 inside one. word_of_token: number of the word that each token lies in."""
    words = np.asarray([-1 if word is None else word for word in word_of_token], np.int64)
    starts = np.ones(len(words), np.uint8)
    starts[1:] = (words[1:] != words[:-1]) | (words[1:] < 0)  # a token of no word stands alone
    return starts


class Tokens:
    """What `write_tokens` wrote, mapped into memory."""

    def __init__(self, folder: Path) -> None:
        facts = orjson.loads((folder / "tokens.json").read_bytes())
        self.vocabulary: int = facts["vocabulary"]
        self.lengths: NDArray[np.int64] = np.load(folder / "lengths.npy")
        self.starts: NDArray[np.int64] = np.concatenate(([0], np.cumsum(self.lengths)))[:-1].astype(np.int64)
        """Where each document begins in `ids`."""
        self.ids = _mapped(folder / "tokens.bin", np.dtype(facts["dtype"]))
        self.word_starts = _mapped(folder / "word_starts.bin", np.dtype(np.uint8))
        self.term_marks: NDArray[np.uint8] | None = None
        """Where terms stand (`training.term_marks`); None if they were not looked for."""
        if (folder / "term_marks.bin").exists():
            self.term_marks = _mapped(folder / "term_marks.bin", np.dtype(np.uint8))
        self._folder = folder

    def document_ids(self) -> list[str]:
        """Ids of the documents, in the order of `lengths`."""
        return [row["id"] for row in read_jsonl(self._folder / "documents.jsonl")]


def _mapped(path: Path, dtype: np.dtype[Any]) -> NDArray[Any]:
    if path.stat().st_size == 0:  # an empty file cannot be mapped
        return np.empty(0, dtype)
    return np.memmap(path, dtype=dtype, mode="r")


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    stream = iter(documents)
    while batch := list(islice(stream, BATCH)):
        yield batch
