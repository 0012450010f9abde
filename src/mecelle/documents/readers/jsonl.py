"""JSON Lines (plain, gzip, zstd), and JSON files that hold an array of rows or one row."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import zstandard

from mecelle.documents.config import ExtractConfig
from mecelle.documents.packed import read_lines
from mecelle.documents.records import Fault, Record, reader
from mecelle.documents.rows import to_record

_MIB = 1024 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_PACKING_ERRORS = (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError)


@reader("jsonl.v1", suffixes=(".jsonl", ".jsonl.gz", ".jsonl.zst", ".ndjson"), streams=True)
def read_lines_of_json(path: Path, config: ExtractConfig) -> Iterator[Record | Fault]:
    """One record per line; a wrong line is a fault and the next goes on; a damaged packed file ends in a fault."""
    number = 0
    try:
        for number, line in enumerate(read_lines(path, most_bytes=config.max_document_mib * _MIB), start=1):
            if line is None:
                yield Fault(
                    "too_large", f"a line of more than max_document_mib = {config.max_document_mib}", str(number)
                )
            elif line.strip():
                yield _row(line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line, str(number), config)
    except _PACKING_ERRORS as error:
        yield Fault("corrupt", f"what follows line {number:,} is lost: {error}", str(number + 1))


@reader("json.v1", suffixes=(".json",))
def read_json(path: Path, config: ExtractConfig) -> Iterator[Record | Fault]:
    """An array of rows, or one row; else the lines are read as JSON Lines."""
    try:
        content = orjson.loads(path.read_bytes().removeprefix(_BYTE_ORDER_MARK))
    except orjson.JSONDecodeError:
        yield from read_lines_of_json(path, config)
        return
    rows = content if isinstance(content, list) else [content]
    for number, row in enumerate(rows, start=1):
        yield to_record(row, str(number) if isinstance(content, list) else "", config)


def _row(line: bytes, position: str, config: ExtractConfig) -> Record | Fault:
    try:
        return to_record(orjson.loads(line), position, config)
    except orjson.JSONDecodeError as error:
        return _lenient_row(line, position, config, str(error))


def _lenient_row(line: bytes, position: str, config: ExtractConfig, strict_error: str) -> Record | Fault:
    """What Python writes and JSON forbids: lone surrogates and NaN. The text keeps a visible U+FFFD."""
    try:
        row: Any = json.loads(line.decode("utf-8"), parse_constant=lambda _: None)
    except UnicodeDecodeError as error:
        return Fault(
            "wrong_encoding", f"not UTF-8 (byte {error.start:,} of the line): save the file as UTF-8", position
        )
    except (ValueError, RecursionError):
        return Fault("not_json", strict_error, position)
    return to_record(row, position, config)
