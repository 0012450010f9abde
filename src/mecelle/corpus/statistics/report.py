"""The tables of one artifact, chosen by its stage."""

from itertools import zip_longest
from pathlib import Path

from mecelle.base import artifacts
from mecelle.base.artifacts import RunRecord
from mecelle.corpus.statistics.amounts import Amounts, summed
from mecelle.corpus.statistics.papers import paper_tables
from mecelle.corpus.statistics.survey import Survey
from mecelle.corpus.statistics.tables import Table, change_table, content_table, paper_table, passed_on, step_table

_HUKUKBERT_TABLE = {"extract": "raw", "corpus": "deduplicated", "select": "deduplicated", "mix": "balanced"}


def report(collection: Path, found: Survey, *, paper: str | None = None) -> list[Table]:
    """What a collection holds, what its stage did, and the tables of `paper` beside it.

    paper: "hukukbert" (the table of the stage: raw, deduplicated, balanced) or "mecellem" (sources, and training tokens
    of a curriculum's phases). Raises ConfigError for another one.
    """
    tables = paper_tables(paper) if paper else {}
    record, name = artifacts.read_record(collection), collection.name
    told = [content_table(found.amounts, caption=f"{name} ({unit_of(found)})")]
    if record:
        by_stage = (
            change_table(record, caption=f"{name}: before and after"),
            step_table(record, caption=f"{name}: documents after each step that changed them"),
        )
        told += [table for table in by_stage if table]
    if "raw" in tables:
        told.append(_beside_hukukbert(found.amounts, record, name))
    if "sources" in tables:
        told.append(paper_table(found.amounts, "mecellem", "sources", caption=name))
        told += _beside_phases(record, name)
    return told


def unit_of(found: Survey) -> str:
    """How tokens and sequences were counted."""
    return f"tokens: {found.counter.name}; sequences of {found.sequence_tokens:,} tokens"


def _beside_hukukbert(amounts: Amounts, record: RunRecord | None, name: str) -> Table:
    return paper_table(amounts, "hukukbert", _HUKUKBERT_TABLE.get(record.stage if record else "", "raw"), caption=name)


def _beside_phases(record: RunRecord | None, name: str) -> list[Table]:
    """Training tokens by phase, in the order of both."""
    if record is None or "phases" not in record.figures:
        return []
    theirs = paper_tables("mecellem")["phases"]
    printed = [row.numbers["tokens"] for row in theirs.rows if row.name == "Qwen3-1.7B"]
    ours = [(phase, summed(amounts).tokens) for phase, amounts in passed_on(record)[1:]]
    rows = [(phase, paper, tokens) for (phase, tokens), paper in zip_longest(ours, printed[: len(ours)])]
    return [Table(f"{name}, beside {theirs.caption}", ("phase", "paper tokens", "ours tokens"), tuple(rows))]
