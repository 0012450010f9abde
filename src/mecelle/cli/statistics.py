"""`mecelle corpus stats`: what a corpus holds, before and after each step, beside the papers; and its data card."""

import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.markup import escape
from rich.table import Table as RichTable

from mecelle.base.config import read_yaml
from mecelle.base.errors import ConfigError
from mecelle.cli.common import console, told
from mecelle.corpus.statistics.card import write_card
from mecelle.corpus.statistics.report import report
from mecelle.corpus.statistics.survey import SEQUENCE_TOKENS, survey
from mecelle.corpus.statistics.tables import Table
from mecelle.corpus.statistics.tokens import TOKENS_PER_WORD, TokenCounter


@told
def stats(
    artifacts: Annotated[list[Path], typer.Argument(help="Artifacts of `corpus`, or folders of *.jsonl.zst.")],
    tokenizer: Annotated[
        str | None, typer.Option(help=f"Folder or hub id; without one, tokens are words x {TOKENS_PER_WORD}.")
    ] = None,
    sequence: Annotated[int, typer.Option(min=1, help="Tokens of a training sequence.")] = SEQUENCE_TOKENS,
    paper: Annotated[str | None, typer.Option(help="Print its tables beside ours: hukukbert, mecellem.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    licences: Annotated[
        Path | None, typer.Option(help="YAML, `source: licence`, for sources whose documents state none.")
    ] = None,
    card: Annotated[Path | None, typer.Option(help="Write the data card of the artifact to this file.")] = None,
) -> None:
    """Print documents, sequences, tokens and gigabytes by category, and what each step changed."""
    if card and len(artifacts) > 1:
        raise ConfigError(f"--card: one artifact has one card, but {len(artifacts)} were given")
    counter, stated = TokenCounter(tokenizer), read_yaml(licences) if licences else None
    tables: dict[str, list[Table]] = {}
    for place in artifacts:
        found = survey(place, counter, sequence_tokens=sequence, licences=stated)
        tables[str(place)] = report(place, found, paper=paper)
        if card:
            write_card(place, found, card)
    every = [table for found in tables.values() for table in found]
    if markdown:
        sys.stdout.write("\n".join(table.markdown() for table in every))
    elif sys.stdout.isatty():
        for table in every:
            console.print(_rich(table))
    else:
        line: dict[str, Any] = {place: [table.plain() for table in found] for place, found in tables.items()}
        sys.stdout.write(orjson.dumps(line | ({"card": str(card)} if card else {})).decode() + "\n")


def _rich(table: Table) -> RichTable:
    shown = RichTable(title=escape(table.caption), title_justify="left")
    for place, name in enumerate(table.header):
        shown.add_column(escape(name), justify="right" if place else "left")
    for row in table.shown():
        shown.add_row(*map(escape, row))
    return shown
