"""Whether the logs of the service are whole: the audit log in itself, and each takedown in both."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mecelle.base.errors import ArtifactError
from mecelle.corpus.takedown_log import LOG, Takedown, read_takedowns
from mecelle.serving import audit
from mecelle.serving.takedowns import not_carried_out, not_noted

_REMEDY = "restore both from a copy"
_KILLED = (
    "the service is at it now, or was killed (its next start makes that good, and says so in the log), or the end of "
    "the log was cut off (restore it from a copy)"
)


@dataclass(frozen=True, slots=True)
class Checked:
    """Logs that are whole."""

    rows: int
    """Of the audit log."""
    takedowns: int
    late: tuple[int, ...]
    """Numbers of takedowns that the audit log was told of by the next start, since a kill came between both logs."""

    def sentence(self) -> str:
        """For a person."""
        if not self.rows:
            return "no logs there: nothing was taken down, or both were deleted"
        late = f"; told late, after a kill: {', '.join(map(str, self.late))}" if self.late else ""
        return f"{self.rows:,} rows; none was changed; {self.takedowns:,} takedowns, each in both logs{late}"


def check_logs(state: Path) -> Checked:
    """What both logs in a folder hold, if neither was changed and each tells of the same takedowns.

    Whoever may write the files can write both anew, or cut off what both tell of the last takedowns: keep the last line
    of the audit log elsewhere, too, if that matters.
    Raises ArtifactError with the first row that does not fit, InputError for a row of the takedowns that is none.
    """
    rows = audit.read(state)  # first: a takedown that comes meanwhile is then one without an event, not without a row
    log = state / LOG
    takedowns = read_takedowns(log)
    noted = [row for row in rows if row["event"] == "takedown"]
    if noted and not log.exists():
        raise ArtifactError(f"{log}: gone, but {audit.FILE} tells of {len(noted):,} takedowns; {_REMEDY}")
    for place, row in enumerate(takedowns, start=1):
        if row.number != place:
            raise ArtifactError(f"{log}: row {place} has number {row.number}: a row was taken out or put in; {_REMEDY}")
    _check_events(log, takedowns, noted)
    _check_ends(state, takedowns, rows)
    return Checked(len(rows), len(takedowns), tuple(row["number"] for row in noted if row.get("late")))


def _check_events(log: Path, takedowns: Sequence[Takedown], noted: Sequence[dict[str, Any]]) -> None:
    """Each event is about a row that is there as it was written, and no two are about the same."""
    lines = [line for line in log.read_bytes().split(b"\n") if line.strip()] if takedowns else []
    found: set[int] = set()
    for event in noted:
        number: int = event["number"]
        if not 1 <= number <= len(takedowns):
            raise ArtifactError(f"{log}: takedown {number}, which {audit.FILE} tells of, was taken out; {_REMEDY}")
        ids, of_row = [one.id for one in takedowns[number - 1].documents], audit.hash_of(lines[number - 1])
        said = (event["documents"], event.get("row", of_row))  # events of before have no hash
        if number in found or said != (ids, of_row):
            raise ArtifactError(f"{log}: takedown {number} is not the one that {audit.FILE} tells of; {_REMEDY}")
        found.add(number)


def _check_ends(state: Path, takedowns: Sequence[Takedown], rows: Sequence[dict[str, Any]]) -> None:
    """Each takedown was noted and carried out; a kill leaves the last one without the end of that."""
    path = state / audit.FILE
    if missing := not_noted(takedowns, rows):
        if missing != [takedowns[-1]]:
            raise ArtifactError(f"{path}: nothing tells of takedown {missing[0].number}; {_REMEDY}")
        raise ArtifactError(f"{path}: nothing tells of takedown {missing[0].number}, the last one: {_KILLED}")
    if unfinished := not_carried_out(rows):
        raise ArtifactError(f"{path}: nothing tells that takedown {unfinished[0]} was carried out: {_KILLED}")
