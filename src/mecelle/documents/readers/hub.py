"""Datasets of the Hugging Face hub, streamed. A small file names each, so that a collection says what it reads."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import Field

from mecelle.base.config import Config, load
from mecelle.base.errors import ConfigError, require
from mecelle.documents.config import ExtractConfig
from mecelle.documents.records import Fault, Record, reader
from mecelle.documents.rows import to_record

SUFFIX = ".hub.yaml"


class HubDataset(Config):
    """The content of a `.hub.yaml` file."""

    dataset: str = Field(min_length=1)
    """Id on the hub (`owner/name`), or a local folder in the hub's layout."""
    config: str | None = None
    """Part of the dataset, such as `tur_Latn` of FineWeb2; none: its only or default one."""
    split: str = "train"
    revision: str | None = None
    """Commit; none: the newest when it is first read. Name it, so that the same recipe reads the same rows."""
    rows: int | None = Field(default=None, ge=1)
    """Most rows to read, from the start; none: all."""


@reader("hub.v1", suffixes=(SUFFIX,), streams=True)
def read(path: Path, config: ExtractConfig) -> Iterator[Record | Fault]:
    """Rows in order, none of them on disk. Faults: "wrong_description", "unreachable" (tried again by the next run)."""
    try:
        wanted = load(HubDataset, path)
    except ConfigError as error:
        yield Fault("wrong_description", str(error))
        return
    number = 0
    try:
        for number, row in enumerate(islice(_rows(wanted), wanted.rows), start=1):
            yield to_record(row, str(number), config)
    except Exception as error:  # of the network, of the hub, of the format of its files
        yield Fault("unreachable", f"{wanted.dataset}: what follows row {number:,} is lost: {error}", str(number + 1))


def _rows(wanted: HubDataset) -> Iterator[dict[str, Any]]:
    datasets = require("datasets", extra="train", why=f"reading the hub dataset '{wanted.dataset}'")
    yield from datasets.load_dataset(
        wanted.dataset, wanted.config, split=wanted.split, revision=wanted.revision, streaming=True
    )
