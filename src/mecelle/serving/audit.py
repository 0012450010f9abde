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
        row = {"time": time, "event": event, "by": by, **facts, "before": _hash(before) if before else _FIRST}
        file.write(torn + orjson.dumps(row) + b"\n")
        os.fsync(file.fileno())


def verify(state: Path) -> int:
    """The number of rows, if none was changed or taken out.

    Whoever may write the file can write it anew as a whole: keep the last line elsewhere, too, if that matters.
    Raises ArtifactError with the first row that does not fit.
    """
    path, before, number = state / FILE, _FIRST, 0
    if not path.exists():
        return 0
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            fits = orjson.loads(line)["before"] == before
        except (orjson.JSONDecodeError, KeyError, TypeError):
            fits = False
        if not fits:
            raise ArtifactError(f"{path}: row {number} does not follow the one before: the log was changed or torn")
        before = _hash(line)
    return number


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()
