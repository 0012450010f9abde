"""Stage `reconstruct`: what rules could not repair is given to a language model, between `extract` and `build`."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from hashlib import blake2b
from itertools import islice
from pathlib import Path

import orjson
from pydantic import Field

from mecelle.base import artifacts
from mecelle.base.collection import read_documents, read_jsonl, write_documents
from mecelle.base.config import Config
from mecelle.base.document import Document, content_hash
from mecelle.base.progress import track
from mecelle.models.endpoint import Chat
from mecelle.models.reconstruction import Reconstruction, reconstruct

STAGE = "reconstruct"
VERSION = 1

_WORD = re.compile(r"[^\W\d_]+")
_AT_ONCE = 64
"""Documents between two writes to the work folder: what a killed run may have to ask again."""


class ReconstructConfig(Config):
    """Which documents are given to which model. Source: Mecellem App. D, for "scattered-text artifacts"."""

    reconstruction: Reconstruction
    """The model, and how far it may go."""
    least_scattered: float = Field(default=0.3, ge=0.0, le=1.0)
    """Share of words of one letter from which a text counts as scattered; clean Turkish has a few hundredths."""


def scattered(text: str) -> float:
    """Words of one letter among words, 0..1."""
    words = _WORD.findall(text)
    return sum(len(word) == 1 for word in words) / len(words) if words else 0.0


def reconstruct_documents(documents: Path, out: Path, config: ReconstructConfig, *, work: Path | None = None) -> None:
    """Copy the collection `documents` into the artifact `out`, with scattered texts as the model gives them.

    A piece of a text whose answer was refused stays as it was; figures["fates"] counts pieces by fate
    (`mecelle.models.reconstruction`). work: folder that remembers answers, so that a rerun asks for the rest only; an
    answer that failed is asked for again.
    """
    memory = _Memory(work / "answers.jsonl" if work else None, config)
    with artifacts.create(
        out, stage=STAGE, version=VERSION, parameters=config, inputs={"documents": documents}, seed=None
    ) as run:
        fates: Counter[str] = Counter()
        changed = 0

        def mended() -> Iterator[Document]:
            nonlocal changed
            stream = track(read_documents(documents), "reconstruct")
            while batch := list(islice(stream, _AT_ONCE)):
                changed += asyncio.run(_mend(batch, config, memory, fates))
                for document in batch:
                    run.accounts.keep()
                    yield document

        with memory:
            write_documents(mended(), run.folder / "documents")
        run.figures |= {"fates": dict(sorted(fates.items())), "documents_changed": changed}


async def _mend(batch: Sequence[Document], config: ReconstructConfig, memory: "_Memory", fates: Counter[str]) -> int:
    """Mend the scattered texts of a batch in place; returns how many changed."""
    wanted = [document for document in batch if scattered(document.text) >= config.least_scattered]
    unknown = [document for document in wanted if document.text not in memory]
    if unknown:
        async with Chat(config.reconstruction.endpoint) as chat:
            answers = await asyncio.gather(
                *(reconstruct(document.text, chat, config.reconstruction) for document in unknown)
            )
        for document, (text, found) in zip(unknown, answers, strict=True):
            memory.add(document.text, text, found)
    changed = 0
    for document in wanted:
        text, found = memory.of(document.text)
        fates.update(found)
        if text != document.text:
            changed += 1
            document.text = text
            document.metadata["content_hash"] = content_hash(text)
    return changed


class _Memory:
    """Answers by text, in memory and, where there is a file, on the disk."""

    def __init__(self, path: Path | None, config: ReconstructConfig) -> None:
        self._salt = config.reconstruction.model_dump_json()
        self._path, self._stack = path, ExitStack()
        rows = read_jsonl(path, on_error=lambda *_: None) if path and path.exists() else ()
        self._known = {row["key"]: (row["text"], Counter(row["fates"])) for row in rows}

    def __enter__(self) -> "_Memory":
        if self._path:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._stack.enter_context(self._path.open("ab"))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __contains__(self, text: str) -> bool:
        return self._key(text) in self._known

    def of(self, text: str) -> tuple[str, Counter[str]]:
        """What became of a text, and of its pieces."""
        return self._known[self._key(text)]

    def add(self, text: str, mended: str, fates: Counter[str]) -> None:
        """Remember an answer; on the disk only if none of its pieces failed."""
        key = self._key(text)
        self._known[key] = (mended, fates)
        if self._path and not fates["failed"]:
            self._file.write(orjson.dumps({"key": key, "text": mended, "fates": dict(fates)}) + b"\n")
            self._file.flush()

    def _key(self, text: str) -> str:
        return blake2b(f"{self._salt}\x1f{text}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
