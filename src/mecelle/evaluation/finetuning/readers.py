"""From the rows of a file to items in three parts, none of which shares a text with another."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from mecelle.base.collection import read_jsonl
from mecelle.base.document import content_hash
from mecelle.base.errors import InputError
from mecelle.evaluation.finetuning.items import Item, Part, Parts

_DEV_OF = 10
"""Where a set has no development part, every tenth text of its training part is one."""
Renamed = Mapping[str, Part]
"""The file's name of a part -> ours; rows of other parts are not read."""
AS_NAMED: Renamed = {"train": "train", "dev": "dev", "test": "test"}


def rows(path: Path) -> Iterable[Mapping[str, Any]]:
    """Rows of a file. Raises InputError if it is absent."""
    if not path.is_file():
        raise InputError(f"{path}: no such file; --data takes the folder that holds general/ and legal/")
    return read_jsonl(path)


def classes(path: Path, parts: Renamed = AS_NAMED) -> Parts:
    """Texts with one class each."""
    return _part(((row["split"], Item(_id(row["text"]), row["label"], row["text"])) for row in rows(path)), parts)


def inference(path: Path, parts: Renamed) -> Parts:
    """Premise, hypothesis and how they relate."""
    return _part(
        (
            (
                row["split"],
                Item(
                    _id(row["premise"], row["hypothesis"]),
                    row["label"],
                    row["premise"],
                    row["hypothesis"],
                    cluster=row["premise"],
                ),
            )
            for row in rows(path)
        ),
        parts,
    )


def similarity(path: Path, *, highest: float) -> Parts:
    """Two texts and how alike they are, 0..highest, brought to 0..1."""
    return _part(
        (
            (
                row["split"],
                Item(
                    _id(row["sentence1"], row["sentence2"]),
                    float(row["score"]) / highest,
                    row["sentence1"],
                    row["sentence2"],
                ),
            )
            for row in rows(path)
        ),
        AS_NAMED,
    )


def tagged(path: Path, *, source: str) -> Parts:
    """Sentences with a tag for each word, of the rows whose `source` begins so."""
    return _part(
        (
            (row["split"], Item(_id(*row["tokens"]), tuple(row["tags"]), words=tuple(row["tokens"])))
            for row in rows(path)
            if row["source"].startswith(source)
        ),
        AS_NAMED,
    )


def treebank(path: Path, *, name: str, parts: Renamed) -> Parts:
    """Sentences with the part of speech of each word; surface rows of multiword tokens (`MWT`) are no words."""
    own = (row for row in rows(path) if row["tb"] == name and row["upos"] != "MWT")
    sentences = (list(group) for _, group in groupby(own, key=lambda row: (row["split"], row["sent"])))
    return _part(
        (
            (
                sentence[0]["split"],
                Item(
                    _id(*(row["form"] for row in sentence)),
                    tuple(row["upos"] for row in sentence),
                    words=tuple(row["form"] for row in sentence),
                ),
            )
            for sentence in sentences
        ),
        parts,
    )


def questions(path: Path, *, domain: str, parts: Renamed) -> Parts:
    """Questions whose answer is a piece of a context, of the rows whose `domain` begins so."""
    lost = 0
    found: list[tuple[str, Item]] = []
    for row in rows(path):
        if row["domain"].startswith(domain):
            identity = _id(row["question"], row["context"])
            item = Item(identity, row["answer"], row["question"], row["context"], cluster=row["context"])
            if row["split"] in parts and (not row["answer"].strip() or row["answer"] not in row["context"]):
                lost += 1
            else:
                found.append((row["split"], item))
    made = _part(found, parts)
    made.drop("answer not in the context", lost)
    return made


def _part(found: Iterable[tuple[str, Item]], names: Renamed) -> Parts:
    """Items in their parts: what test shares with another part stays in test, what dev shares with train in dev."""
    parts = Parts()
    listed: dict[Part, list[Item]] = {"train": parts.train, "dev": parts.dev, "test": parts.test}
    seen: set[tuple[Part, str]] = set()
    for name, item in found:
        part = names.get(name)
        if part is None:
            continue
        if (part, item.id) in seen:
            parts.drop(f"the same {part} item again")
            continue
        seen.add((part, item.id))
        listed[part].append(item)
    _take_out(parts, parts.train, parts.test, "train item that shares its text with test")
    _take_out(parts, parts.dev, parts.test, "dev item that shares its text with test")
    if parts.dev:
        _take_out(parts, parts.train, parts.dev, "train item that shares its text with dev")
    else:
        parts.dev[:] = [item for item in parts.train if _is_tenth(item)]
        parts.train[:] = [item for item in parts.train if not _is_tenth(item)]
    return parts


def _take_out(parts: Parts, from_part: list[Item], of: list[Item], reason: str) -> None:
    held = {_shared(item) for item in of}
    kept = [item for item in from_part if _shared(item) not in held]
    parts.drop(reason, len(from_part) - len(kept))
    from_part[:] = kept


def _is_tenth(item: Item) -> bool:
    return int(content_hash(_shared(item)), 16) % _DEV_OF == 0


def _shared(item: Item) -> str:
    return item.cluster or item.id


def _id(*texts: str) -> str:
    return content_hash("\x1f".join(texts))
