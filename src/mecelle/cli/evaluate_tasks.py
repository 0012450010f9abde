"""`mecelle evaluate tasks`, and the same tables in the help of the suites."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import orjson
import typer
from rich.table import Table
from typer.core import TyperCommand

from mecelle.cli.common import console, told
from mecelle.cli.settings import takes

if TYPE_CHECKING:
    from mecelle.evaluation.suites import Suite
    from mecelle.evaluation.tasks.definition import LocalTask

CAPS = "mecelle.evaluation.tasks.definition:Caps"


def add_to(app: typer.Typer) -> None:
    """Add the command to `mecelle evaluate`."""
    app.command()(tasks)


@told
def tasks() -> None:
    """What the suites ask: tasks, how much of each is scored, what it costs, which files of --data are read."""
    from mecelle.evaluation.listing import fields_of, tasks_of
    from mecelle.evaluation.suites import LOCAL

    suites = {name: tasks_of(name) for name in LOCAL}
    every = [task for members in suites.values() for task in members]
    if not sys.stdout.isatty():
        rows = [{"suite": name} | _row(task) for name, members in suites.items() for task in members]
        sys.stdout.write(orjson.dumps({"tasks": rows, "files": fields_of(every)}).decode() + "\n")
        return
    for name, members in suites.items():
        console.print(_table(name, members, files=True))
    fields = Table("file of --data (.jsonl.gz)", "fields of a row that are read", title="Files", title_justify="left")
    for file, told_fields in fields_of(every).items():
        fields.add_row(file, told_fields)
    console.print(fields)
    console.print(COST, soft_wrap=True)


COST = (
    "Cost: of embedding all texts of the task for the first time, by a small model on one core; later runs take what "
    "was kept. Tasks of one family share documents, which are embedded once."
)


def suite_command(name: "Suite") -> type[TyperCommand]:
    """The class of a suite's command, whose help also tells the tasks and the keys of `--set`."""

    class Command(takes(CAPS)):  # type: ignore[misc]  # a class made by a function
        def format_help(self, *args: Any) -> None:
            from mecelle.evaluation.listing import tasks_of

            super().format_help(*args)
            console.print(_table(f"Tasks (--task NAME), with the default caps: {name}", tasks_of(name), files=False))
            console.print(COST, soft_wrap=True)

    return Command


def _table(title: str, members: "Sequence[LocalTask]", *, files: bool) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in ("task", "kind", "scored", "cost", "stands for"):
        table.add_column(heading, no_wrap=heading == "task")  # a name that is cut cannot be typed
    if files:
        table.add_column("files")
    for task in members:
        row = _row(task)
        cells = [row["task"], row["kind"], row["scored"], row["cost"], row["stands_for"] or "-"]
        table.add_row(*cells, *(["\n".join(row["files"])] if files else []))
    return table


def _row(task: "LocalTask") -> dict[str, Any]:
    from mecelle.evaluation.listing import size_of

    size = size_of(task)
    return {
        "task": task.name.rpartition(".")[0],
        "kind": task.kind,
        "about": task.about,
        "scored": size.words if size else "?",
        "cost": size.cost if size else "?",
        "stands_for": task.stands_for,
        "files": [file.removesuffix(".jsonl.gz") for file in task.files],
    }
