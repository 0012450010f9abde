"""Thresholds of `fineweb_quality.v1` on a balanced draw: Mecellem's Table 2 for any documents.

table.csv          one row a choice of thresholds: drop rates of each rule and of all, false positives, drops of junk
categories.csv     overall drop rate of each category under each choice
drawn.jsonl        the documents that were drawn, with their fold and measures
summary.md         all of it beside the paper's table
"""

import csv
from dataclasses import asdict
from pathlib import Path

from pydantic import Field

from mecelle.base import artifacts
from mecelle.base.artifacts import Run, read_record
from mecelle.base.collection import JsonlWriter, read_documents
from mecelle.base.config import Config
from mecelle.base.progress import track
from mecelle.corpus.filters.fineweb_quality import FineWebQuality, LineShares, line_shares
from mecelle.corpus.ledger import identity
from mecelle.corpus.sweeps.quality_draw import bad_texts, draw
from mecelle.corpus.sweeps.quality_table import Measured, Row, count_row, summary

STAGE = "quality_sweep"
VERSION = 1


class Thresholds(Config):
    """One row of Table 2."""

    short_line: float = Field(ge=0.0, le=1.0)
    """`most_short_line_share`."""
    char_duplicates: float = Field(ge=0.0, le=1.0)
    """`most_duplicate_share`."""
    new_line: float = Field(ge=0.0)
    """`most_newlines_a_word`."""

    def build(self) -> FineWebQuality:
        """The filter; the rule that Table 2 leaves out keeps its default."""
        return FineWebQuality(
            most_short_line_share=self.short_line,
            most_duplicate_share=self.char_duplicates,
            most_newlines_a_word=self.new_line,
        )


class QualitySweepConfig(Config):
    """Parameters of the sweep; rows: Mecellem Table 2, then what its text chose (no row of the table)."""

    rows: tuple[Thresholds, ...] = Field(
        default=tuple(
            Thresholds(short_line=short, char_duplicates=duplicates, new_line=newlines)
            for short, duplicates, newlines in (
                (0.10, 0.01, 0.30), (0.25, 0.13, 0.45), (0.67, 0.25, 0.60), (0.78, 0.37, 0.75), (0.90, 0.50, 0.90),
                (0.67, 0.03, 0.40),
            )
        ),
        min_length=1,
    )  # fmt: skip
    """Choices of thresholds."""
    documents_a_category: int = Field(default=100, ge=5)
    """Most documents that are drawn of one category."""
    folds: int = Field(default=5, ge=2)
    """Parts of the draw, each with every category in it; mean and deviation are taken over them."""
    good_kinds: tuple[str, ...] = ("decision", "statute", "article", "regulation")
    """Official texts: what is dropped of them is a false positive."""
    junk: int = Field(default=100, ge=1)
    """Junk pages of the sample's generator; as many again are made of good documents by each kind of noise."""


def quality_sweep(documents: Path, out: Path, config: QualitySweepConfig, *, seed: int) -> str:
    """Draw a balanced set from a collection, and count what each choice of thresholds drops of it.

    Returns the summary (Markdown) that also stands in the artifact `out`. seed: 42 in Mecellem §3.2.3. Raises
    InputError if there is nothing to read.
    """
    inputs = {"documents": documents}
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run:
        measured, bad = _measure(documents, config, run, seed=seed)
        rows = [count_row(one.build(), measured, bad) for one in config.rows]
        _write_tables(rows, run.folder)
        text = summary(rows)
        (run.folder / "summary.md").write_text(text, encoding="utf-8")
        run.figures["rows"] = [row.figures() for row in rows]
    return text


def _measure(
    documents: Path, config: QualitySweepConfig, run: Run, *, seed: int
) -> tuple[list[Measured], dict[str, list[LineShares | None]]]:
    """The draw, counted in the accounts and written to drawn.jsonl, and the measures of bad texts."""
    record = read_record(documents)
    total = record.accounts.kept if record and record.accounts else None
    read = track(read_documents(documents), "quality sweep", total=total)
    drawn, seen = draw(read, most=config.documents_a_category, folds=config.folds, seed=seed)
    run.accounts.keep(len(drawn))
    if seen > len(drawn):
        run.accounts.drop("not_drawn", seen - len(drawn))
    measured, good = [], []
    with JsonlWriter(run.folder / "drawn.jsonl") as writer:
        for one in drawn:
            shares, is_good = _shares(one.document.text), one.document.metadata.get("kind") in config.good_kinds
            measured.append(Measured(one.category, one.fold, is_good, shares))
            if is_good:
                good.append(one.document)
            place = {"category": one.category, "fold": one.fold}
            writer.write(identity(one.document) | place | (asdict(shares) if shares else {}))
    texts = bad_texts(good, junk=config.junk, seed=seed)
    return measured, {kind: [_shares(text) for text in found] for kind, found in texts.items()}


def _shares(text: str) -> LineShares | None:
    return line_shares(text, short_line_characters=FineWebQuality().short_line_characters)


def _write_tables(rows: list[Row], folder: Path) -> None:
    with (folder / "table.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, fieldnames=list(rows[0].figures()))
        table.writeheader()
        table.writerows(row.figures() for row in rows)
    with (folder / "categories.csv").open("w", encoding="utf-8", newline="") as file:
        plain = csv.writer(file)
        plain.writerow(("short_line", "char_duplicates", "new_line", "of", "dropped", "documents"))
        for row, chosen in ((row, list(row.figures().values())[:3]) for row in rows):
            for name, rate in (row.categories | row.bad).items():
                plain.writerow((*chosen, name, rate.dropped, rate.documents))
