"""Taking a document and its copies out of the index that is served: first the log, then the index, then the audit."""

import datetime
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from mecelle.base.document import Document
from mecelle.base.errors import ArtifactError, LockedError
from mecelle.base.locks import lock
from mecelle.corpus.takedown import Recogniser, print_of
from mecelle.corpus.takedown_log import LOG, Takedown, TakenDown, append_takedown, read_takedowns
from mecelle.retrieval.deleting import Deletion, delete, indexed_documents
from mecelle.retrieval.stored import StoredDocument
from mecelle.serving import audit

_LOCK = ".takedown.lock"
_LOG = logging.getLogger("mecelle.serving")

WAIT_SECONDS = 600.0
"""Longest wait of a takedown for a build or a backup."""


class TakenOut(NamedTuple):
    """What left the index."""

    number: int
    document_ids: list[str]
    passages: int


def take_down(index: Path, state: Path, found: StoredDocument, reason: str, by: str) -> TakenOut:
    """Log the request, then delete the document and its copies from the index; see `note` and `carry_out`."""
    return carry_out(index, state, note(index, state, found, reason, by), by)


def note(index: Path, state: Path, found: StoredDocument, reason: str, by: str) -> Takedown:
    """Log the request and the copies that the index holds; from now on the running service finds none of them.

    The log is the one that `mecelle index build` obeys, and `obey` here: killed after it, the next start of the service
    goes on. by: name of the token, for the audit log.
    """
    state.mkdir(parents=True, exist_ok=True)
    log = state / LOG
    with lock(state / _LOCK, doing="takedown", wait=True):
        number = len(read_takedowns(log)) + 1
        document = Document(text=found.text, id=found.id, metadata=dict(found.metadata))
        row = _row(index, document, number=number, reason=reason)
        append_takedown(log, row)
        _note(state, row, by=by)
    return row


def carry_out(index: Path, state: Path, row: Takedown, by: str) -> TakenOut:
    """Delete the documents of a logged request from the index, and say so in the audit log.

    Waits for a build or backup that is at work. Raises LockedError if that takes longer than `WAIT_SECONDS`.
    """
    gone = delete(index, [one.id for one in row.documents], wait=WAIT_SECONDS)
    audit.append(state, "deleted", by=by, number=row.number, documents=gone.documents, passages=gone.passages)
    return TakenOut(row.number, [one.id for one in row.documents], gone.passages)


def obey(index: Path, state: Path, *, by: str, copies: bool) -> Deletion:
    """Delete from an index what the log of takedowns names: after a kill, a new build, a restored backup.

    What a kill kept from the audit log is told there now. copies: whether every text is compared, since the index may
    hold copies that nobody has named; else ids alone are.
    """
    rows = read_takedowns(state / LOG)
    if not rows:
        return Deletion(0, 0)
    _note_late(state, by=by)
    numbers = {row.number for row in rows}  # a takedown that came since is not carried out here
    unfinished = [number for number in not_carried_out(audit.readable(state)) if number in numbers]
    gone = named_ids(rows)
    if copies:
        recogniser = Recogniser(rows)
        gone |= {one.id for one in indexed_documents(index) if recogniser.is_copy(one)}
    deleted = delete(index, sorted(gone))
    if deleted.documents or unfinished:
        figures = {"documents": deleted.documents, "passages": deleted.passages}
        audit.append(state, "obeyed", by=by, numbers=unfinished, **figures)
    return deleted


def not_noted(takedowns: Sequence[Takedown], events: Sequence[Mapping[str, Any]]) -> list[Takedown]:
    """The takedowns that the rows of an audit log do not tell of."""
    told = {row.get("number") for row in events if row["event"] == "takedown"}
    return [one for one in takedowns if one.number not in told]


def not_carried_out(events: Sequence[Mapping[str, Any]]) -> list[int]:
    """Numbers of the takedowns that the rows of an audit log tell of, but not that their documents were deleted."""
    waiting: dict[int, None] = {}
    for row in events:
        match row["event"]:
            case "takedown":
                waiting[row["number"]] = None
            case "deleted":
                waiting.pop(row["number"], None)
            case "obeyed":  # rows of before have no numbers: they were about all
                for number in row.get("numbers", list(waiting)):
                    waiting.pop(number, None)
    return list(waiting)


def _note(state: Path, row: Takedown, *, by: str, **more: Any) -> None:
    """Tell the audit log of a row, with its hash: neither log can then be changed alone."""
    ids, line = [one.id for one in row.documents], row.model_dump_json().encode()
    audit.append(state, "takedown", by=by, number=row.number, documents=ids, row=audit.hash_of(line), **more)


def _note_late(state: Path, *, by: str) -> None:
    """Tell the audit log of the last takedown, if a kill came between both logs; more than one are no kill's work."""
    with suppress(LockedError), lock(state / _LOCK, doing="takedown"):  # held: it is being told of now
        rows = read_takedowns(state / LOG)
        missing = not_noted(rows, audit.readable(state))
        if missing and missing == rows[-1:]:
            _note(state, missing[0], by=by, late=True)


def named_ids(rows: Sequence[Takedown]) -> frozenset[str]:
    """Ids of all documents that a log names."""
    return frozenset(one.id for row in rows for one in row.documents)


def _row(index: Path, document: Document, *, number: int, reason: str) -> Takedown:
    meant = print_of(document)
    entry = TakenDown(
        id=document.id,
        source_id=document.metadata.get("source_id"),
        how="named",
        similarity=1.0,
        content_hash=meant.content_hash,
    )
    alone = Takedown(
        number=number, date=_today(), request=document.id, reason=reason, documents=[entry], prints=[meant]
    )
    try:
        copies = list(_copies(index, alone))
    except ArtifactError as error:  # the request is not lost for that: builds and restored backups look for copies, too
        _LOG.warning("takedown %d: copies could not be looked for (%s)", number, error)
        copies = []
    prints = {meant.content_hash: meant, **{p.content_hash: p for p in (print_of(one) for one, _ in copies)}}
    return alone.model_copy(
        update={"documents": [entry, *(entry for _, entry in copies)], "prints": list(prints.values())}
    )


def _copies(index: Path, row: Takedown) -> Iterator[tuple[Document, TakenDown]]:
    recogniser, named = Recogniser([row]), row.documents[0].id
    for one in indexed_documents(index):
        match = recogniser.match(one) if one.id != named else None
        if match and match.leaves:
            yield (
                one,
                TakenDown(
                    id=one.id,
                    source_id=one.metadata.get("source_id"),
                    how=match.how,
                    similarity=round(match.similarity, 4),
                    content_hash=print_of(one).content_hash,
                ),
            )


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()
