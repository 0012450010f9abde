"""Taking a document down: find it and its copies, keep them out of every later build, delete them from indexes now."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from mecelle.base.collection import read_documents
from mecelle.base.document import Document, content_hash
from mecelle.base.errors import ConfigError, InputError
from mecelle.base.locks import lock
from mecelle.base.progress import track
from mecelle.corpus.takedown import How, Recogniser, print_of
from mecelle.corpus.takedown_log import LOG, Takedown, TakenDown, append_takedown, read_takedowns
from mecelle.recipes.lineage import Fate, fates, read_here
from mecelle.recipes.naming import described, is_file, named
from mecelle.recipes.receipt import Deleted, Receipt, read_receipt, receipt_path, write_receipt
from mecelle.recipes.workspace import GRAPH
from mecelle.retrieval.deleting import delete, indexed_documents
from mecelle.retrieval.manifest import MANIFEST, read_manifest


class Found(NamedTuple):
    """A document that a request is about."""

    document: Document
    how: How
    similarity: float
    why: str
    """Of one that is only `similar`: why it stays."""

    @property
    def leaves(self) -> bool:
        """Whether it is taken down; `similar` ones are for a person to look at."""
        return self.how != "similar"


class Request(NamedTuple):
    """What a takedown will do, before anything is done."""

    workspace: Path
    name: str
    found: list[Found]
    fates: list[Fate]
    """Of those that leave, in their order."""
    logged: Takedown | None
    """The row of the log, where the same request was logged before: killed before its receipt, or for other indexes."""


def prepare(workspace: Path, name: str, *, again: bool = False) -> Request:
    """Find what `name` names and all copies of it among what the workspace has read.

    again: whether it may be taken down already, since more indexes are to lose it.
    Raises ArtifactError if the workspace has read nothing yet; InputError if no document has that name, if several that
    are no copies of each other have it, or if it is taken down already.
    """
    folders = read_here(workspace)
    _check_graph(workspace / GRAPH)
    meant = named(folders, name)
    _check_one(meant, name)
    logged = _logged(workspace, meant)
    if logged and not again and receipt_path(workspace, logged.number).exists():
        raise InputError(
            f"'{name}' is taken down already, by request {logged.number} of {logged.date}: see "
            f"{receipt_path(workspace, logged.number)}. A copy that came later leaves with the next `mecelle run`; for "
            "an index elsewhere, give it with --index"
        )
    found = [Found(one, "named", 1.0, "") for one in meant] + list(_copies(folders, meant))
    leaving = [one.document for one in found if one.leaves]
    return Request(workspace, name, found, fates(workspace, leaving), logged)


def take_down(request: Request, *, date: str, reason: str = "", indexes: Sequence[Path] = ()) -> Receipt:
    """Log the request, delete its documents from the indexes, and write the receipt.

    date: ISO. indexes: those outside the workspace. First the log, so that whatever happens afterwards the next build
    obeys it; killed in between, the same request goes on where it was.
    Raises ArtifactError if one of `indexes` is none, LockedError if one is being written.
    """
    workspace, log = request.workspace, request.workspace / LOG
    own = workspace / "artifacts" / "index"
    places = [*([own] if (own / MANIFEST).exists() else []), *indexes]
    for place in places:
        read_manifest(place)
    with lock(workspace / "work" / ".locks" / "takedown.lock", doing="mecelle takedown"):
        row = request.logged
        if row is None:
            row = _row(request, number=len(read_takedowns(log)) + 1, date=date, reason=reason)
            append_takedown(log, row)
        deleted = [obey(place, [row]) for place in places]
        if before := read_receipt(workspace, row.number):
            deleted = [*before.deleted, *(one for one in deleted if one.documents)]
        receipt = Receipt.of(row, request.fates, deleted, [_as_entry(one) for one in request.found if not one.leaves])
        write_receipt(workspace, receipt)
    return receipt


def obey(index: Path, rows: Sequence[Takedown], *, wait: bool = False) -> Deleted:
    """Delete from an index what the log names, and copies that only this index has.

    wait: whether to wait for what is writing the index.
    Raises ArtifactError if there is no whole index, LockedError if it is being written.
    """
    recogniser = Recogniser(rows)
    identifiers = [one.id for one in indexed_documents(index) if recogniser.is_copy(one)]
    gone = delete(index, identifiers, wait=wait)
    return Deleted(index=str(index), ids=sorted(set(identifiers)), documents=gone.documents, passages=gone.passages)


def _check_graph(path: Path) -> None:
    if path.exists() and LOG not in path.read_text(encoding="utf-8"):
        raise ConfigError(
            f"{path}: its stage 'corpus' does not read {LOG}, so the next run would take the document in again; add "
            f"`--takedowns {LOG}` to its cmd and `{LOG}` to its deps, or write both files anew (`mecelle new --force`)"
        )


def _logged(workspace: Path, meant: Sequence[Document]) -> Takedown | None:
    rows = [(row, {one.id for one in row.documents}) for row in read_takedowns(workspace / LOG)]
    return next((row for row, ids in rows if ids.issuperset(one.id for one in meant)), None)


def _check_one(meant: Sequence[Document], name: str) -> None:
    if all(is_file(one, name) for one in meant):
        return
    told = {described(one): one.id for one in meant}
    if len(told) > 1:
        listed = "; ".join(f"{what} is {identity}" for what, identity in sorted(told.items())[:10])
        raise InputError(f"'{name}' names {len(told)} different documents: {listed}. Say which, by id or full citation")


def _copies(folders: Sequence[Path], meant: Sequence[Document]) -> Iterator[Found]:
    ids = {one.id for one in meant}
    recogniser = Recogniser([_takedown(meant, [])])
    read = chain.from_iterable(read_documents(folder) for folder in folders)
    for document in track(read, "look for copies"):
        if document.id not in ids and (match := recogniser.match(document)):
            yield Found(document, match.how, match.similarity, match.why)


def _row(request: Request, *, number: int, date: str, reason: str) -> Takedown:
    leaving = [one for one in request.found if one.leaves]
    row = _takedown([one.document for one in leaving], [_as_entry(one) for one in leaving])
    official = [print_of(one.document).official for one in leaving if one.how == "named"]
    # A copy without numbers is a copy of these, or a twin of the original would pass for a copy of the copy.
    if all(one == official[0] for one in official):
        row.prints = [one.model_copy(update={"official": official[0] | one.official}) for one in row.prints]
    return row.model_copy(update={"number": number, "date": date, "request": request.name, "reason": reason})


def _takedown(documents: Sequence[Document], entries: list[TakenDown]) -> Takedown:
    texts = {content_hash(one.text): one for one in documents}
    prints = [print_of(one) for one in texts.values()]
    return Takedown(number=0, date="", request="", reason="", documents=entries, prints=prints)


def _as_entry(found: Found) -> TakenDown:
    document = found.document
    return TakenDown(
        id=document.id,
        source_id=document.metadata.get("source_id"),
        how=found.how,
        similarity=round(found.similarity, 4),
        content_hash=content_hash(document.text),
        why=found.why,
    )
