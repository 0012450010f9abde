"""Plain text and Markdown."""

from collections.abc import Iterator
from pathlib import Path

from mecelle.documents.config import ExtractConfig
from mecelle.documents.decoding import Decoded, UndecodableError, decode
from mecelle.documents.records import Fault, Record, reader


@reader("txt.v1", suffixes=(".txt", ".text", ".md"))
def read(path: Path, config: ExtractConfig) -> Iterator[Record | Fault]:
    """The whole file as one record; its encoding is found by decoding strictly."""
    try:
        found = decode(path.read_bytes())
    except UndecodableError as error:
        yield Fault("wrong_encoding", str(error))
        return
    yield Record(text=found.text, fields={"source_id": path.stem} | encoding_fields(found))


def encoding_fields(found: Decoded) -> dict[str, object]:
    """Metadata of a text that was not clean UTF-8."""
    fields: dict[str, object] = {} if found.encoding in ("utf-8", "utf-8-sig") else {"encoding": found.encoding}
    return fields | ({"damaged_bytes": found.damaged} if found.damaged else {})
