"""Thresholds of `turkish_quality.v1` over a whole corpus: Mecellem's Table 26 and Figures 2 and 3 for any documents.

measures.parquet   one row a document: id, kind, tokens, words with a lemma, suffix_entropy, lemma_diversity
table.csv, .json   one row a pair of thresholds
figure-2.svg       lengths of the survivors on the coarse grid
figure-3.svg       lengths over suffix entropy at one lemma diversity
summary.md         all of it beside the paper's figures
failed.jsonl       documents that could not be measured
"""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field

from mecelle.base import artifacts
from mecelle.base.artifacts import Run, read_record
from mecelle.base.collection import JsonlWriter, read_documents
from mecelle.base.config import Config
from mecelle.base.progress import track
from mecelle.corpus.filters.turkish_quality import TurkishQuality
from mecelle.corpus.ledger import identity
from mecelle.corpus.statistics.tokens import TokenCounter
from mecelle.corpus.sweeps.cells import Cell, Measures, cell, grid
from mecelle.corpus.sweeps.morphology_plots import boxes, distributions
from mecelle.corpus.sweeps.morphology_summary import summary

STAGE = "morphology_sweep"
VERSION = 1
FILE = "measures.parquet"
ROWS_A_GROUP = 50_000

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("kind", pa.string()),
        ("tokens", pa.int64()),
        ("words", pa.int64()),
        ("suffix_entropy", pa.float64()),
        ("lemma_diversity", pa.float64()),
    ]
)


class MorphologySweepConfig(Config):
    """Parameters of the sweep; the thresholds are those of Mecellem §3.2.4 and Table 26."""

    coarse: tuple[float, ...] = Field(default=(0.50, 0.70, 0.90), min_length=1)
    """Thresholds of Figure 2, for both measures."""
    suffix_entropies: tuple[float, ...] = Field(default=(0.50, 0.70, 0.75, 0.80, 0.85, 0.90), min_length=1)
    """Thresholds of the table and of Figure 3."""
    lemma_diversities: tuple[float, ...] = Field(default=(0.50, 0.70, 0.75, 0.80, 0.85, 0.90), min_length=1)
    """Thresholds of the table; Figure 3 stands at the first."""
    quality: TurkishQuality = TurkishQuality()
    """The filter that is swept: its own thresholds mark the chosen row; its window and analyser are used."""
    tokenizer: str | None = None
    """Folder or hub id; without one, tokens are words between white space."""


def morphology_sweep(documents: Path, out: Path, config: MorphologySweepConfig) -> str:
    """Measure every document of a collection and count the survivors of every pair of thresholds.

    Returns the summary (Markdown) that also stands in the artifact `out`. A document that cannot be measured is counted
    as failed. Raises InputError if there is nothing to read.
    """
    counter = TokenCounter(config.tokenizer, tokens_per_word=1.0)
    unit = f"tokens ({counter.name})" if config.tokenizer else "words"
    inputs = {"documents": documents} | ({"tokenizer": config.tokenizer} if config.tokenizer else {})
    quality = config.quality
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=None) as run:
        _measure(documents, run, quality, counter)
        measures, kinds = _columns(run.folder / FILE)
        cells = grid(measures, entropies=config.suffix_entropies, diversities=config.lemma_diversities)
        chosen = cell(measures, entropy=quality.least_suffix_entropy, diversity=quality.least_lemma_diversity)
        text = summary(cells, kinds, chosen, unit=unit, window=quality.lemma_window)
        _write_table(cells, run.folder)
        _write_figures(measures, cells, config, run.folder, unit=unit)
        (run.folder / "summary.md").write_text(text, encoding="utf-8")
        run.figures |= {"unit": unit, "chosen": chosen._asdict()}
    return text


def _measure(documents: Path, run: Run, quality: TurkishQuality, counter: TokenCounter) -> None:
    record, rows = read_record(documents), list[dict[str, Any]]()
    total = record.accounts.kept if record and record.accounts else None
    with (
        JsonlWriter(run.folder / "failed.jsonl") as failures,
        pq.ParquetWriter(run.folder / FILE, SCHEMA, compression="zstd") as table,
    ):
        for document in track(read_documents(documents), "morphology sweep", total=total):
            try:
                measured = quality.measure(document.text).measured
                tokens = counter.count(document.text)
            except Exception as error:
                run.accounts.fail("morphology_error")
                failures.write(identity(document) | {"error": f"{type(error).__name__}: {error}"})
                continue
            run.accounts.keep()
            kind = str(document.metadata.get("kind", "other"))
            rows.append({"id": document.id, "kind": kind, "tokens": tokens} | measured)
            if len(rows) == ROWS_A_GROUP:
                table.write_table(pa.Table.from_pylist(rows, schema=SCHEMA))
                rows.clear()
        table.write_table(pa.Table.from_pylist(rows, schema=SCHEMA))


def _columns(path: Path) -> tuple[Measures, dict[str, Measures]]:
    """The measures of all documents, and of those of each kind."""
    table = pq.read_table(path, columns=["kind", *Measures._fields])
    measures = Measures(*(table[name].to_numpy().astype(np.float64) for name in Measures._fields))
    codes = table["kind"].combine_chunks().dictionary_encode()
    of_document = codes.indices.to_numpy()
    kinds = {
        kind: Measures(*(column[of_document == code] for column in measures))
        for code, kind in enumerate(codes.dictionary.to_pylist())
    }
    return measures, dict(sorted(kinds.items()))


def _write_figures(
    measures: Measures, cells: list[Cell], config: MorphologySweepConfig, folder: Path, *, unit: str
) -> None:
    at_first = [one for one in cells if one.lemma_diversity == config.lemma_diversities[0]]
    figures = {
        "figure-2.svg": distributions(measures, config.coarse, unit=unit),
        "figure-3.svg": boxes(at_first, unit=unit),
    }
    for name, text in figures.items():
        (folder / name).write_text(text, encoding="utf-8")


def _write_table(cells: list[Cell], folder: Path) -> None:
    (folder / "table.json").write_bytes(
        orjson.dumps([one._asdict() for one in cells], option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    )
    with (folder / "table.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Cell._fields)
        writer.writerows(cells)
