"""`takedowns.jsonl`: what was taken down, one row a request. Rows are added, never changed."""

import fcntl
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import orjson
from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator, ValidationError

from mecelle.base.collection import open_binary, read_jsonl
from mecelle.base.errors import InputError, ResourceError

LOG = "takedowns.jsonl"


def _packed(kind: str) -> Any:
    def unpack(value: Any) -> list[int]:
        return list(value) if not isinstance(value, str) else np.frombuffer(b64decode(value), dtype=kind).tolist()

    def pack(value: Sequence[int]) -> str:
        return b64encode(np.array(value, dtype=kind).tobytes()).decode()

    return PlainValidator(unpack), PlainSerializer(pack, when_used="json")


_validator_4, _serializer_4 = _packed("<u4")
_validator_2, _serializer_2 = _packed("<u2")


class Print(BaseModel):
    """What is kept of a text, so that a copy that comes later is known."""

    model_config = ConfigDict(extra="forbid")

    content_hash: str
    official: dict[str, str]
    """Case, decision and law number, where the document has them."""
    whole: Annotated[list[int], _validator_4, _serializer_4]
    """MinHash values of its word 5-grams (base64 in the file)."""
    whole_size: int
    plain: Annotated[list[int], _validator_4, _serializer_4]
    """The same of its small words alone, which masking does not touch."""
    plain_size: int
    names: Annotated[list[int], _validator_2, _serializer_2]
    """Twelve bits of each other word."""


class TakenDown(BaseModel):
    """One document of a takedown."""

    model_config = ConfigDict(extra="forbid")

    id: str
    source_id: str | None
    how: str
    """`named`, `exact_copy`, `near_duplicate` or `masked_variant`."""
    similarity: float
    content_hash: str
    why: str = ""
    """Of a document that is only `similar`, in a receipt: why it stays."""


class Takedown(BaseModel):
    """One request."""

    model_config = ConfigDict(extra="forbid")

    number: int
    """From 1, without gaps."""
    date: str
    """ISO."""
    request: str
    """The document as it was named."""
    reason: str
    documents: list[TakenDown]
    prints: list[Print]
    """One for each text."""


def read_takedowns(path: Path | None) -> list[Takedown]:
    """All rows, in order; none if there is no such file. Raises InputError if a line is none of ours.

    A last line that a kill or a full disk cut off is passed over: nobody was told that it is there.
    """
    if path is None or not path.exists():
        return []
    rows: list[Takedown] = []
    for number, row in enumerate(_rows(path), start=1):
        try:
            rows.append(Takedown.model_validate(row))
        except ValidationError as error:
            fault = error.errors()[0]
            raise InputError(
                f"{path}: row {number}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}; the file is written by "
                "`mecelle takedown` alone: restore it from a copy"
            ) from None
    return rows


def append_takedown(path: Path, row: Takedown) -> None:
    """Add a row; it is on the disk when this returns. A line before it that was cut off is taken out.

    Raises ResourceError if the row cannot be written whole; then the log is as it was.
    """
    line = row.model_dump_json().encode() + b"\n"
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    with os.fdopen(descriptor, "rb+", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        before = file.readall()
        size, last = len(before), before[before.rfind(b"\n") + 1 :]
        if _is_json(last):  # by hand, or its end alone is missing: readers count it
            line = b"\n" + line
        else:
            size -= len(last)
            file.truncate(size)
        rest = memoryview(line)
        try:
            while rest:  # a disk that fills up takes a part and says so with the next write alone
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
        except OSError as error:
            file.truncate(size)
            raise ResourceError(
                f"{path}: the takedown could not be written down ({error}), and nothing was taken down; free some "
                "space and ask again"
            ) from error


def _rows(path: Path) -> Iterator[Any]:
    with open_binary(path) as file:
        ended = sum(line.endswith(b"\n") for line in file)

    def refuse(number: int, reason: str) -> None:
        if number <= ended:
            raise InputError(f"{path}:{number}: not JSON: {reason}; restore the file from a copy")

    return read_jsonl(path, on_error=refuse)


def _is_json(line: bytes) -> bool:
    with suppress(orjson.JSONDecodeError):
        orjson.loads(line)
        return True
    return False
