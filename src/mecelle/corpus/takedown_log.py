"""`takedowns.jsonl`: what was taken down, one row a request. Rows are added, never changed."""

import os
from base64 import b64decode, b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator, ValidationError

from mecelle.base.collection import read_jsonl
from mecelle.base.errors import InputError

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
    """All rows, in order; none if there is no such file. Raises InputError if a line is none of ours."""
    if path is None or not path.exists():
        return []
    rows: list[Takedown] = []
    for number, row in enumerate(read_jsonl(path), start=1):
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
    """Add a row. It is one write and on the disk when this returns, so that a kill leaves a whole row or none."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, row.model_dump_json().encode() + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
