"""Parquet tables: one record per row."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow
import pyarrow.parquet

from mecelle.documents.config import ExtractConfig
from mecelle.documents.headers import repeated
from mecelle.documents.records import Fault, Record, reader
from mecelle.documents.rows import to_record

_ROWS_AT_ONCE = 256


@reader("parquet.v1", suffixes=(".parquet",), streams=True)
def read(path: Path, config: ExtractConfig) -> Iterator[Record | Fault]:
    """Rows in order; a damaged file gives the rows before the damage and a fault."""
    number = 0
    try:
        with pyarrow.parquet.ParquetFile(path) as table:
            if fault := repeated(table.schema_arrow.names):
                yield Fault("wrong_columns", fault)
                return
            for batch in table.iter_batches(batch_size=_ROWS_AT_ONCE, use_threads=False):
                for row in batch.to_pylist():
                    number += 1
                    yield to_record(row, str(number), config)
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:  # the last: bytes of a text that is none
        yield Fault("corrupt", f"what follows row {number:,} is lost: {error}", str(number + 1))
