"""`mecelle doctor`, `lineage`, `sample`: about the machine, a document's fate, and the bundled sample."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.markup import escape
from rich.table import Table

from mecelle.base.errors import ConfigError
from mecelle.cli.common import console, told
from mecelle.recipes.doctor import Finding, examine

MANY_STEPS = 12


@told
def doctor(folder: Annotated[Path, typer.Argument(help="Where a workspace is or will be.")] = Path()) -> None:
    """Say what this machine has and lacks, and how to get it."""
    findings = examine(folder)
    if not sys.stdout.isatty():
        sys.stdout.writelines(orjson.dumps(finding).decode() + "\n" for finding in findings)
        return
    console.print(findings_table(findings))


def findings_table(findings: Sequence[Finding]) -> Table:
    """What `doctor` shows a person."""
    colours = {"ok": "green", "limited": "yellow", "missing": "red"}
    table = Table("", "found", "what to do")
    for finding in findings:
        # Escaped: to rich, the extra in `mecelle[train]` is a tag, and it would vanish from the command.
        subject = f"[{colours[finding.state]}]{escape(finding.subject)}[/]"
        table.add_row(subject, escape(finding.found), escape(finding.advice))
    return table


@told
def lineage(
    document: Annotated[str | None, typer.Argument(help="Id, source id, case number, title or file.")] = None,
    workspace: Annotated[Path, typer.Option(help="The workspace.")] = Path(),
    model: Annotated[Path | None, typer.Option(help="A model of ours, with --step: what did that step see?")] = None,
    step: Annotated[int | None, typer.Option(help="Optimizer step, from 1.")] = None,
) -> None:
    """Tell what became of a document and which optimizer steps saw it, or what a step saw."""
    from mecelle.recipes.lineage import documents_of_step, trace

    if model is not None and step is not None:
        sys.stdout.writelines(orjson.dumps(row).decode() + "\n" for row in documents_of_step(model, step))
        return
    if document is None:
        raise ConfigError("give a document, or --model and --step")
    for fate in trace(workspace, document):
        if not sys.stdout.isatty():
            sys.stdout.write(fate.model_dump_json() + "\n")
            continue
        table = Table(show_header=False, title=escape(fate.description or fate.id))
        for name, value in fate.model_dump().items():
            table.add_row(name.replace("_", " "), escape(_shown(value)))
        console.print(table)


def _shown(value: object) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "\n".join(f"{row['id']} ({row.get('similarity', 1):.2f})" for row in value)
    if isinstance(value, list):
        head = ", ".join(str(step) for step in value[:MANY_STEPS])
        return f"{head}, ... ({len(value)} in all)" if len(value) > MANY_STEPS else head or "none"
    return str(value)


@told
def sample(
    folder: Annotated[Path, typer.Argument(help="Folder that is written: documents/ and truth/.")],
    size: Annotated[str, typer.Option(help="tiny or demo.")] = "demo",
    seed: Annotated[int, typer.Option(help="Everything random follows from it.")] = 7,
) -> None:
    """Write the bundled sample: an invented Turkish legal collection with known truth, in seven formats."""
    from mecelle.sample.generate import generate
    from mecelle.sample.records import SampleSize
    from mecelle.sample.write import write

    write(generate(seed=seed, size=SampleSize.named(size)), folder, seed=seed)
    console.print(f"{folder}: documents/ and truth/. Next: mecelle new house W --data {folder}/documents")


def add_to(app: typer.Typer) -> None:
    """Put the commands at the top level."""
    for command in (doctor, lineage, sample):
        app.command()(command)
