"""The texts that tokenizers are measured on: read in a stream, a seeded sample of documents kept."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mecelle.base.collection import is_collection, open_binary, read_documents, read_jsonl
from mecelle.base.errors import InputError
from mecelle.base.progress import track
from mecelle.base.seeds import generator


@dataclass(frozen=True)
class Text:
    """One document, the unit that intervals draw again."""

    lines: tuple[str, ...]
    """Those with something in them."""

    @cached_property
    def joined(self) -> str:
        """The lines with a line end between them: positions in it number the characters of all lines."""
        return "\n".join(self.lines)


@dataclass(frozen=True)
class Sample:
    """Documents drawn evenly from all that were read, in the order of the files."""

    texts: tuple[Text, ...]
    seen: int
    empty: int
    """Documents without a line; not among `texts`."""


def lines_of(text: str) -> Text:
    """A document's lines, without the empty ones."""
    return Text(tuple(line for line in text.splitlines() if line.strip()))


def draw_sample(paths: Sequence[Path], *, most: int, seed: int) -> Sample:
    """At most `most` documents of `paths`, by a reservoir (algorithm R of Vitter 1985): memory is that of the sample.

    A path is an artifact with documents, JSON Lines with `text` (plain, .gz, .zst), or a text file (plain, .gz, .zst),
    each line of which is a document of its own. Raises InputError if a file cannot be used or nothing is in any.
    """
    if not paths:
        raise InputError("no texts to measure on: give --texts with an artifact, JSON Lines with 'text', or .txt files")
    kept: list[tuple[int, Text]] = []
    rng = generator(seed, "tokenizer", "measure", "sample")
    seen = empty = 0
    for text in track(_read_all(paths), "read texts"):
        seen += 1
        lines = lines_of(text)
        if not lines.lines:
            empty += 1
        elif len(kept) < most:
            kept.append((seen, lines))
        elif (place := int(rng.integers(seen - empty))) < most:
            kept[place] = (seen, lines)
    if not kept:
        raise InputError(
            f"{', '.join(map(str, paths))}: {seen:,} documents and no line in them; a tokenizer is measured on text"
        )
    return Sample(tuple(text for _, text in sorted(kept, key=lambda one: one[0])), seen, empty)


def _read_all(paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        if is_collection(path):
            yield from (document.text for document in read_documents(path))
        elif not path.is_file():
            raise InputError(f"{path}: no such file of texts, and no artifact with documents/*.jsonl.zst")
        elif ".jsonl" in path.suffixes:
            yield from _rows(path)
        else:
            yield from _plain(path)


def _rows(path: Path) -> Iterator[str]:
    for number, row in enumerate(read_jsonl(path), start=1):
        text = row.get("text") if isinstance(row, dict) else None
        if not isinstance(text, str):
            raise InputError(f"{path}: row {number} has no text in the field 'text'; found {str(row)[:80]}")
        yield text


def _plain(path: Path) -> Iterator[str]:
    with open_binary(path) as file:
        for number, line in enumerate(file, start=1):
            try:
                yield line.decode()
            except UnicodeDecodeError as error:
                raise InputError(f"{path}:{number}: not UTF-8 ({error}); save the texts as UTF-8") from None
