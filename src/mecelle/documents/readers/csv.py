"""Tables as CSV or TSV with a header row: one record per row."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from mecelle.documents.config import ExtractConfig
from mecelle.documents.decoding import UndecodableError, decode
from mecelle.documents.headers import repeated
from mecelle.documents.records import Fault, Record, reader
from mecelle.documents.rows import to_record

_DELIMITERS = ",;\t|"  # Turkish Excel writes semicolons


@reader("csv.v1", suffixes=(".csv", ".tsv"))
def read(path: Path, config: ExtractConfig) -> Iterator[Record | Fault]:
    """Rows in order; the delimiter is the one that the header holds most often."""
    try:
        text = decode(path.read_bytes()).text.lstrip("\r\n")  # a blank line is no header
    except UndecodableError as error:
        yield Fault("wrong_encoding", str(error))
        return
    header = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=header.count)
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        if fault := repeated(rows.fieldnames):
            yield Fault("wrong_columns", fault)
            return
        for number, row in enumerate(rows, start=1):
            if None in row:  # DictReader files surplus cells under None
                yield Fault("wrong_columns", f"more cells than the header's {len(rows.fieldnames or ())}", str(number))
            else:
                yield to_record({key: value or None for key, value in row.items()}, str(number), config)
    except csv.Error as error:
        yield Fault("corrupt", f"what follows row {number:,} is lost: {error}", str(number + 1))
