"""The steps of the corpus pipeline: read, clean, filter, sign; then leave out duplicates, mask, write."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from datatrove.data import DocumentsPipeline
from datatrove.pipeline.base import PipelineStep

from mecelle.base.collection import JsonlWriter, read_documents, read_jsonl
from mecelle.base.document import Document, content_hash
from mecelle.base.errors import AccountsError
from mecelle.corpus.cleaning import Cleaner
from mecelle.corpus.dedup.decisive import official_key
from mecelle.corpus.dedup.minhash import MinHash, Signer
from mecelle.corpus.dedup.signatures import Signatures, SignatureWriter
from mecelle.corpus.execution import report_seen
from mecelle.corpus.filters import Filter
from mecelle.corpus.ledger import Ledger, identity, task_folder
from mecelle.corpus.privacy.mask import Masker, Masking
from mecelle.corpus.statistics.kinds import Kinds
from mecelle.corpus.step import Step
from mecelle.corpus.takedown import Recogniser
from mecelle.corpus.takedown_log import read_takedowns
from mecelle.corpus.verdict import Verdict, drop, keep
from mecelle.corpus.view import view

REPORT_EVERY = 200
"""Documents between two signs of life."""


class Read(PipelineStep):
    """Documents of the shard of the task, counted by kind."""

    type, name = "Mecelle", "read"

    def __init__(self, shards: Sequence[Path], *, ledgers: Path, work: Path) -> None:
        super().__init__()
        self.shards, self.ledgers, self.work = list(shards), ledgers, work

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Shard number `rank`."""
        kinds, count = Kinds(), 0
        with Ledger(task_folder(self.ledgers, rank), self.name) as ledger:
            for count, document in enumerate(read_documents(self.shards[rank]), start=1):
                kinds.add(document)
                ledger.enter(document, keep(), perf_counter())
                if count % REPORT_EVERY == 0:
                    report_seen(self.work, rank, count)
                yield document
        report_seen(self.work, rank, count)
        kinds.write(task_folder(self.ledgers, rank) / "read.kinds.json")


class TakeDown(Step):
    """Leave out what was taken down, and copies of it that came later."""

    def __init__(self, takedowns: Path | None, *, ledgers: Path) -> None:
        """takedowns: log of `mecelle takedown`; without one, everything stays."""
        super().__init__("takedown", ledgers=ledgers)
        self.takedowns = takedowns

    @contextmanager
    def task(self, rank: int) -> Iterator[None]:
        """Reads the log."""
        self.recogniser = Recogniser(read_takedowns(self.takedowns))
        yield

    def act(self, document: Document) -> Verdict:
        """Measures similarity, and names the takedown."""
        found = self.recogniser.match(document)
        if found is None or not found.leaves:
            return keep()
        return drop("taken_down", takedown=found.takedown, how=found.how, similarity=round(found.similarity, 4))


class Clean(Step):
    """Apply all cleaners, in order."""

    def __init__(self, cleaners: Sequence[Cleaner], *, ledgers: Path) -> None:
        super().__init__("clean", ledgers=ledgers)
        self.cleaners = tuple(cleaners)

    def act(self, document: Document) -> Verdict:
        """Changes text and content hash; the id stays, since it was given at extraction."""
        for cleaner in self.cleaners:
            document.text = cleaner.clean(document.text)
        document.metadata["content_hash"] = content_hash(document.text)
        return keep() if document.text else drop("empty_text")


class Words(Step):
    """Split the cleaned text once for all steps that follow, so that its cost is told apart from theirs."""

    def __init__(self, *, ledgers: Path) -> None:
        super().__init__("words", ledgers=ledgers)

    def act(self, document: Document) -> Verdict:
        """Fills the shared view; changes nothing."""
        seen = view(document.text)
        _ = seen.lines, seen.tokens, seen.folded, seen.forms
        return keep()


class Judge(Step):
    """One filter."""

    def __init__(self, filter: Filter, *, ledgers: Path) -> None:
        super().__init__(filter.filter, ledgers=ledgers)
        self.filter = filter

    @contextmanager
    def task(self, rank: int) -> Iterator[None]:
        """A filter that remembers documents begins anew with each shard."""
        self.filter.begin()
        yield

    def act(self, document: Document) -> Verdict:
        """The filter's verdict."""
        return self.filter.judge(document)


class Sign(Step):
    """Write the surviving documents to the work folder, with what the search for duplicates needs."""

    def __init__(self, staged: Path, config: MinHash, *, seed: int, ledgers: Path) -> None:
        super().__init__("sign", ledgers=ledgers)
        self.staged, self.config, self.seed = staged, config, seed

    @contextmanager
    def task(self, rank: int) -> Iterator[None]:
        """`NNNNN.jsonl.zst` (documents) and `NNNNN/` (names, hashes and signatures)."""
        self.signer = Signer(self.config, seed=self.seed)
        with (
            JsonlWriter(self.staged / f"{rank:05d}.jsonl.zst") as self.documents,
            SignatureWriter(self.staged / f"{rank:05d}") as self.signatures,
        ):
            yield

    def act(self, document: Document) -> Verdict:
        """Everything is computed before anything is written, so that a document that fails leaves no half of itself."""
        signature = self.signer.sign(document.text)
        official, content = official_key(document.metadata), document.metadata["content_hash"]
        self.documents.write(as_row(document))
        self.signatures.add(identity(document), content_hash=content, official=official, signature=signature)
        return keep()


class LeaveOut(Step):
    """Drop the duplicates that were found, by their place in the staged shard."""

    def __init__(self, duplicates: Path, staged: Path, *, ledgers: Path) -> None:
        """duplicates: what `Search.write_leaving` wrote. staged: the folder of `Sign`."""
        super().__init__("deduplicate", ledgers=ledgers)
        self.duplicates, self.staged = duplicates, staged

    @contextmanager
    def task(self, rank: int) -> Iterator[None]:
        """Reads `NNNNN.jsonl`: {place, reason, ...measured}.

        Raises AccountsError if the shard has other documents than signatures: a place would name another document.
        """
        self.place = -1
        self.leaving = {row.pop("place"): row for row in read_jsonl(self.duplicates / f"{rank:05d}.jsonl")}
        yield
        documents, signed = self.place + 1, len(Signatures([self.staged / f"{rank:05d}"]))
        if documents != signed:
            raise AccountsError(
                f"staged shard {rank:05d}: {documents:,} documents but {signed:,} signatures; delete the folders of "
                "--work and --kept, and build again"
            )

    def act(self, document: Document) -> Verdict:
        """Measures similarity, names representative and cluster."""
        self.place += 1
        row = self.leaving.get(self.place)
        return drop(row["reason"], **row["measured"]) if row else keep()


class Mask(Step):
    """Replace identifiers by tags and note where they stood."""

    def __init__(self, config: Masking, folder: Path, *, ledgers: Path) -> None:
        super().__init__("mask", ledgers=ledgers)
        self.config, self.folder = config, folder

    @contextmanager
    def task(self, rank: int) -> Iterator[None]:
        """`NNNNN.jsonl`: {id, source_id, kind, start, end}, and `sealed` if there is a key."""
        self.masker = Masker(self.config)  # here, since datatrove writes what a step holds before it runs into a file
        with JsonlWriter(self.folder / f"{rank:05d}.jsonl") as self.writer:
            yield

    def act(self, document: Document) -> Verdict:
        """Offsets are half-open characters of the cleaned text before masking."""
        text, found = self.masker.mask(document.text, document_id=document.id)
        if found:
            document.text = text
            document.metadata["content_hash"] = content_hash(text)
            for one in found:
                self.writer.write(identity(document) | one)
        return keep()


class Write(Step):
    """Write the shard of the corpus, counted by kind."""

    def __init__(self, folder: Path, *, ledgers: Path) -> None:
        super().__init__("write", ledgers=ledgers)
        self.folder = folder

    @contextmanager
    def task(self, rank: int) -> Iterator[None]:
        """`NNNNN.jsonl.zst`."""
        self.kinds = Kinds()
        with JsonlWriter(self.folder / f"{rank:05d}.jsonl.zst") as self.writer:
            yield
        self.kinds.write(task_folder(self.ledgers, rank) / "write.kinds.json")

    def act(self, document: Document) -> Verdict:
        """Adds one line."""
        self.writer.write(as_row(document))
        self.kinds.add(document)
        return keep()


def as_row(document: Document) -> dict[str, object]:
    """The line of a document in a collection (mecelle.base.collection)."""
    return {"id": document.id, "text": document.text, "metadata": document.metadata}
