"""`mecelle evaluate mteb-turkish` and `legal`: models of vectors, and BM25, on mteb's kinds of tasks."""

import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.markup import escape
from rich.table import Table

from mecelle.cli.common import Params, Seed, Settings, console, parameters, seed_of, told

if TYPE_CHECKING:
    from mecelle.evaluation.record import TaskRecord
    from mecelle.evaluation.suites import Suite

Models = Annotated[
    list[str] | None,
    typer.Argument(help="A folder, hub id, package:e5, package:use, bm25:snowball, random, or name=one of these."),
]
Results = Annotated[Path, typer.Option("--out", help="Folder of records; what is there and still true is kept.")]
Data = Annotated[Path, typer.Option(help="The folder that holds legal/ and general/.")]
Splits = Annotated[Path, typer.Option(help="docs/splits.json: what is kept for the test.")]
Tasks = Annotated[list[str] | None, typer.Option("--task", help="Only this task; may be repeated.")]
Hub = Annotated[bool, typer.Option("--hub", help="The original sets, from the Hugging Face hub.")]
Baselines = Annotated[bool, typer.Option(help="BM25, multilingual-e5-small, USE and random vectors besides.")]
Robust = Annotated[
    bool, typer.Option(help="Retrieval and classification again in capitals, ASCII, scanned, abbreviated, inflected.")
]
Dimensions = Annotated[
    list[int] | None, typer.Option(help="Each model also with its first N components; may be repeated.")
]
MaxLength = Annotated[int | None, typer.Option(help="Tokens that a model reads of a text, within its own limit.")]
Cache = Annotated[Path, typer.Option(help="Folder of vectors that runs share.")]

DATA = Path("../shared/data")
SPLITS = Path("docs/splits.json")
VECTORS = Path("~/.cache/mecelle/vectors")
DEFAULT_TOKENS = 256
RESAMPLES = 2_000
"""Of the intervals on the screen: a tenth of a second for each record; `mecelle compare` draws more."""


SUITES: "dict[Suite, str]" = {
    "mteb-turkish": "The 17 tasks of MTEB-Turkish: stand-ins over local files, or the originals with --hub (Mecellem "
    "Table 11).",
    "legal": "Turkish legal retrieval: articles, decisions and answers; with --hub also the English tasks of MLEB.",
}


def _command(name: "Suite") -> Callable[..., None]:
    @told
    def command(
        models: Models = None,
        *,
        out: Results,
        data: Data = DATA,
        splits: Splits = SPLITS,
        task: Tasks = None,
        hub: Hub = False,
        baselines: Baselines = True,
        robustness: Robust = True,
        dimensions: Dimensions = None,
        max_length: MaxLength = DEFAULT_TOKENS,
        cache: Cache = VECTORS,
        seed: Seed = None,
        params: Params = None,
        settings: Settings = None,
    ) -> None:
        from mecelle.evaluation.contestants import BASELINES, contestants
        from mecelle.evaluation.robustness import FORMS
        from mecelle.evaluation.run import Setting, evaluate
        from mecelle.evaluation.suites import suite
        from mecelle.evaluation.tasks.definition import Caps, Source
        from mecelle.evaluation.thresholds import verdicts

        number, folder = seed_of(seed, params), cache.expanduser()
        named = list(models or [])
        if baselines:
            named += [one for one in BASELINES if one not in named]
        found = contestants(named, seed=number, max_length=max_length, memory=folder)
        cut = [one.shortened(size) for one in found if one.words is None for size in dimensions or []]
        setting = Setting(
            out=out,
            source=Source(data, splits if splits.exists() else None),
            caps=parameters(Caps, params, "evaluation_caps", settings, Caps()),
            forms=FORMS if robustness else (),
            seed=number,
            cache=folder,
        )
        made = evaluate([*found, *cut], suite(name, hub=hub, only=task or ()), setting)
        _show(made, verdicts(made), seed=number)

    return command


def add_to(app: typer.Typer) -> None:
    """Add the commands to `mecelle evaluate`."""
    for name, about in SUITES.items():
        app.command(name, help=about)(_command(name))


def _show(made: "Sequence[TaskRecord]", warnings: Sequence[str], *, seed: int) -> None:
    """A table per task for a person, one JSON line for a program."""
    rows = [row for record in made for row in [_row(record, seed)]]
    if not sys.stdout.isatty():
        sys.stdout.write(orjson.dumps({"records": rows, "warnings": warnings}).decode() + "\n")
        return
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        tables[f"{row['task']}: {row['measure']} of {row['n']} units ({row['unit']})"].append(row)
    for title, members in tables.items():
        losses = [name for name in members[0] if name.endswith(" loss")]
        table = Table("model", "score [95%]", *losses, "seconds", title=escape(title))
        for row in members:
            lost = (f"{row[name]:+.3f}" if name in row else "" for name in losses)
            table.add_row(escape(row["model"]), row["score"], *lost, f"{row['seconds']:.1f}")
        console.print(table)
    for warning in warnings:
        console.print(escape(warning))


def _row(record: "TaskRecord", seed: int) -> dict[str, Any]:
    from mecelle.evaluation.compare import interval

    return {
        "model": record.model,
        "task": record.task,
        "measure": record.main_score,
        "score": interval(record.values, seed=seed, resamples=RESAMPLES).text(),
        "unit": record.unit,
        "n": record.n,
        **{name: value for name, value in record.scores.items() if name.endswith(" loss")},
        "seconds": record.seconds,
        "embedding_seconds": record.embedding_seconds,
    }
