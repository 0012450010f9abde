"""The audit log: who took what down, and when. Rows are added, never changed; each holds the hash of the one before."""

import datetime
import fcntl
import hashlib
import os
from pathlib import Path
from typing import Any

import orjson

from mecelle.base.errors import ArtifactError

FILE = "audit.jsonl"
_FIRST = "0" * 64


def append(state: Path, event: str, *, by: str, **facts: Any) -> None:
    """Add a row; it is on the disk when this returns. facts: ids and counts, no text of a document and no name."""
    state.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(state / FILE, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "rb+", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        lines = file.readall().split(b"\n")
        # A row that a kill left without its end is closed off; `verify` then tells of it.
        torn = b"\n" if lines[-1] else b""
        before = next((line for line in reversed(lines) if line), None)
        time = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        row = {"time": time, "event": event, "by": by, **facts, "before": hash_of(before) if before else _FIRST}
        file.write(torn + orjson.dumps(row) + b"\n")
        os.fsync(file.fileno())


def read(state: Path) -> list[dict[str, Any]]:
    """All rows, if none was changed or taken out before the last one.

    Raises ArtifactError with the first row that does not fit.
    """
    before, rows = _FIRST, []
    for number, line in enumerate(_lines(state), start=1):
        row = _row(line)
        if row is None or row["before"] != before:
            path = state / FILE
            raise ArtifactError(f"{path}: row {number} does not follow the one before: the log was changed or torn")
        before = hash_of(line)
        rows.append(row)
    return rows


def readable(state: Path) -> list[dict[str, Any]]:
    """The rows that can be read: a torn log must not keep the service from its start."""
    return [row for line in _lines(state) if (row := _row(line))]


def hash_of(line: bytes) -> str:
    """64 hexadecimal digits of a row of a log, without its end."""
    return hashlib.sha256(line).hexdigest()


def _lines(state: Path) -> list[bytes]:
    path = state / FILE
    return path.read_bytes().splitlines() if path.exists() else []


def _row(line: bytes) -> dict[str, Any] | None:
    """None if it is none of ours."""
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return row if isinstance(row, dict) and {"event", "before"} <= row.keys() else None
