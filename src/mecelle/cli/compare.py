"""`mecelle compare` and `mecelle evaluate board`: what may be said about results that are there."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import orjson
import typer
from rich.markup import escape
from rich.table import Table

from mecelle.base.config import nearest
from mecelle.base.errors import ConfigError, InputError
from mecelle.cli.common import DEFAULT_SEED, console, told

if TYPE_CHECKING:
    from mecelle.evaluation.differences import Differences
    from mecelle.evaluation.record import TaskRecord

Seed = Annotated[int, typer.Option(help="Of the draws that intervals and tests take.")]
Resamples = Annotated[int, typer.Option(min=1_000, help="Bootstrap resamples and random sign flips.")]


def add_to(app: typer.Typer) -> None:
    """Add `compare` to the main command."""
    app.command()(compare)


def add_board_to(app: typer.Typer) -> None:
    """Add `board` to `mecelle evaluate`."""
    app.command()(board)


@told
def compare(
    a: Annotated[str, typer.Argument(help="A model's name in --results, or a folder of results, or a record's file.")],
    b: Annotated[str, typer.Argument(help="The same; its scores are taken from those of A.")],
    results: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of results that holds both models; repeat it for trainings with other seeds."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    seed: Seed = DEFAULT_SEED,
    resamples: Resamples = 10_000,
) -> None:
    """Difference of two models, task by task, with intervals, tests and a verdict."""
    from mecelle.evaluation.differences import differences

    if a == b or (not results and Path(a).resolve() == Path(b).resolve()):
        raise ConfigError(f"compare {a} {b}: both sides are the same; name two models, two folders or two records")
    sides = _models(a, b, results) if results else _places(a, b)
    tables = [differences(*side, seed=seed, resamples=resamples) for side in sides]
    if as_json or not sys.stdout.isatty():
        rows = [table.model_dump() | {"verdicts": _verdicts(table)} for table in tables]
        sys.stdout.write(orjson.dumps(rows).decode() + "\n")
        return
    for table in tables:
        _show(table)


@told
def board(
    results: Annotated[list[Path], typer.Argument(help="Folders of results that the suites wrote.")],
    out: Annotated[Path, typer.Option(dir_okay=False, help="The page that is written.")] = Path("board.html"),
    seed: Seed = DEFAULT_SEED,
    resamples: Resamples = 10_000,
) -> None:
    """A page of all models on all tasks, with intervals, groups that cannot be told apart, and the papers' numbers."""
    from mecelle.evaluation.board.page import write_board

    write_board(results, out, seed=seed, resamples=resamples)
    console.print(f"{escape(str(out))}: open it in a browser; it needs no network", soft_wrap=True)


Sides = list[tuple[list["TaskRecord"], list["TaskRecord"]]]


def _models(a: str, b: str, folders: Sequence[Path]) -> Sides:
    """Records of two models by name."""
    from mecelle.evaluation.record import read

    records = [record for folder in folders for record in read(folder)]
    names = sorted({record.model for record in records})
    for name in (a, b):
        if name not in names:
            raise InputError(f"{', '.join(map(str, folders))}: no model '{name}'{nearest(name, names)}")
    return [([one for one in records if one.model == a], [one for one in records if one.model == b])]


def _places(a: str, b: str) -> Sides:
    """Records of two files or folders: of the one model in each, or of every model that both hold."""
    of_a, of_b = _by_model(a), _by_model(b)
    if len(of_a) == len(of_b) == 1:
        return [(next(iter(of_a.values())), next(iter(of_b.values())))]
    shared = [model for model in of_a if model in of_b]
    if not shared:
        raise InputError(f"{a} and {b} hold several models and none in common: {', '.join([*of_a, *of_b])}")
    return [(of_a[model], of_b[model]) for model in shared]


def _by_model(place: str) -> dict[str, list["TaskRecord"]]:
    from mecelle.evaluation.record import read, read_file

    path = Path(place)
    if not path.exists():
        raise ConfigError(f"{place}: no file and no folder; to compare models by name, add --results FOLDER")
    models: dict[str, list[TaskRecord]] = {}
    for record in [read_file(path)] if path.is_file() else read(path):
        models.setdefault(record.model, []).append(record)
    return models


def _names(table: "Differences") -> tuple[str, str]:
    return (table.a, table.b) if table.a != table.b else (f"{table.a} (A)", f"{table.b} (B)")


def _verdicts(table: "Differences") -> dict[str, str]:
    return {row.task: row.verdict(*_names(table)) for row in table.rows}


def _show(table: "Differences") -> None:
    a, b = _names(table)
    shown = Table(title=f"{escape(a)} against {escape(b)}", title_justify="left", title_style="bold")
    for heading in ("task", "measure", "A", "B", "A - B [95%]", "n", "p", "p (Holm)", "verdict"):
        justify: Literal["left", "right"] = "left" if heading in {"task", "measure", "verdict"} else "right"
        shown.add_column(heading, justify=justify, overflow="fold")
    verdicts = _verdicts(table)
    for row in table.rows:
        found = row.comparison
        shown.add_row(
            row.task,
            row.measure,
            f"{row.score_a:.3f}",
            f"{row.score_b:.3f}",
            f"{found.difference:+.3f} [{found.low:+.3f}, {found.high:+.3f}]",
            f"{found.n:,}",
            f"{found.p:.4f}",
            f"{found.p_holm:.4f}",
            verdicts[row.task],
        )
    console.print(shown)
    for row in table.rows:
        for note in row.notes:
            console.print(f"{row.task}: {note}", markup=False, soft_wrap=True)
    for model, tasks in ((a, table.only_a), (b, table.only_b)):
        if tasks:
            console.print(f"Only {model} was scored on: {', '.join(tasks)}", markup=False, soft_wrap=True)
    for reason in table.not_compared:
        console.print(f"Not compared: {reason}", markup=False, soft_wrap=True)
    if table.without_units:
        console.print(f"No units kept, nothing tested: {', '.join(table.without_units)}", markup=False, soft_wrap=True)
