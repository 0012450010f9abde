"""`mecelle doctor`, `lineage`, `takedown`, `sample`: the machine, a document's fate and its end, the bundled sample."""

import datetime
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.markup import escape
from rich.table import Table

from mecelle.base.errors import ConfigError
from mecelle.cli.common import console, told
from mecelle.recipes.doctor import Finding, examine

if TYPE_CHECKING:
    from mecelle.recipes.takedown import Request

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
    name: Annotated[
        str | None, typer.Argument(help="Id, source id, citation (Yargıtay 4. HD, E. 2024/3494), title or file.")
    ] = None,
    document: Annotated[str | None, typer.Option(help="The same.")] = None,
    workspace: Annotated[Path, typer.Option(help="The workspace.")] = Path(),
    model: Annotated[Path | None, typer.Option(help="A model of ours, with --step: what did that step see?")] = None,
    step: Annotated[int | None, typer.Option(help="Optimizer step, from 1.")] = None,
) -> None:
    """Tell what became of a document and which optimizer steps saw it, or what a step saw."""
    from mecelle.recipes.lineage import documents_of_step, trace

    if model is not None and step is not None:
        sys.stdout.writelines(orjson.dumps(row).decode() + "\n" for row in documents_of_step(model, step))
        return
    asked = name or document
    if asked is None:
        raise ConfigError("give a document, or --model and --step")
    for fate in trace(workspace, asked):
        if not sys.stdout.isatty():
            sys.stdout.write(fate.model_dump_json() + "\n")
            continue
        table = Table(show_header=False, title=escape(fate.description or fate.id))
        for name, value in fate.model_dump().items():
            table.add_row(name.replace("_", " "), escape(_shown(value)))
        console.print(table)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{name}: {_shown(steps)}" for name, steps in value.items()) or "none"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "\n".join(f"{row['id']} ({row.get('similarity', 1):.2f})" for row in value)
    if isinstance(value, list):
        head = ", ".join(str(step) for step in value[:MANY_STEPS])
        return f"{head}, ... ({len(value)} in all)" if len(value) > MANY_STEPS else head or "none"
    return str(value)


@told
def takedown(
    name: Annotated[str, typer.Argument(help="Id, source id, citation (Yargıtay 4. HD, E. 2024/3494), title or file.")],
    workspace: Annotated[Path, typer.Option(help="The workspace.")] = Path(),
    reason: Annotated[str, typer.Option(help="Why, for log and receipt; name nobody in it.")] = "",
    date: Annotated[str | None, typer.Option(help="Of the request, as 2026-03-31; by default today.")] = None,
    index: Annotated[list[Path] | None, typer.Option(help="An index elsewhere to delete from; repeat it.")] = None,
    dry_run: Annotated[bool, typer.Option(help="Show what would be done, and do nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take a document and its copies down: out of every later build, out of the indexes now, with a receipt."""
    from mecelle.recipes.receipt import receipt_path
    from mecelle.recipes.takedown import prepare, take_down

    day = _day(date)
    request = prepare(workspace, name, again=bool(index))
    if sys.stdout.isatty():
        console.print(_found_table(request))
    else:
        sys.stdout.writelines(orjson.dumps(row).decode() + "\n" for row in _found_rows(request))
    if dry_run:
        return
    if not yes:
        if not sys.stdin.isatty():
            raise ConfigError("nobody is there to ask: give --yes, or --dry-run to see only")
        typer.confirm("Take down all but the similar ones?", abort=True)
    receipt = take_down(request, date=day, reason=reason, indexes=index or [])
    page = receipt_path(workspace, receipt.number)
    if sys.stdout.isatty():
        console.print(f"Taken down: {page}. Next: mecelle run", soft_wrap=True)
    else:
        sys.stdout.write(orjson.dumps({"receipt": str(page), "number": receipt.number}).decode() + "\n")


def _day(date: str | None) -> str:
    try:
        return (datetime.date.fromisoformat(date) if date else datetime.date.today()).isoformat()
    except ValueError:
        raise ConfigError(f"--date {date}: expected a day such as 2026-03-31") from None


def _found_rows(request: "Request") -> list[dict[str, Any]]:
    from mecelle.recipes.naming import described

    return [
        {
            "id": one.document.id,
            "description": described(one.document),
            "how": one.how,
            "similarity": round(one.similarity, 4),
            "taken_down": one.leaves,
            **({"why": one.why} if one.why else {}),
        }
        for one in request.found
    ]


def _found_table(request: "Request") -> Table:
    table = Table("document", "id", "found as", "similarity", "")
    for row in _found_rows(request):
        cells = (row["description"], row["id"], row["how"].replace("_", " "), f"{row['similarity']:.2f}")
        table.add_row(*map(escape, cells), "" if row["taken_down"] else f"stays: {row['why']}; please look")
    return table


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
    console.print(f"{folder}: documents/ and truth/.", soft_wrap=True, markup=False)
    console.print(f"Next: mecelle new house W --data {folder}/documents", soft_wrap=True, markup=False)


def add_to(app: typer.Typer) -> None:
    """Put the commands at the top level."""
    for command in (doctor, lineage, takedown, sample):
        app.command()(command)
