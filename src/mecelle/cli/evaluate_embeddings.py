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

from mecelle.base.errors import ConfigError
from mecelle.cli.common import Params, Seed, Settings, console, errors, parameters, seed_of, told
from mecelle.cli.evaluate_options import DATA, Data, Results, Splits, Training, data_folder, splits_file
from mecelle.cli.evaluate_tasks import suite_command

if TYPE_CHECKING:
    from mecelle.evaluation.record import TaskRecord
    from mecelle.evaluation.suites import Suite

Models = Annotated[
    list[str] | None,
    typer.Argument(help="A folder, hub id, package:e5, package:use, bm25:snowball, random, or name=one of these."),
]
Tasks = Annotated[list[str] | None, typer.Option("--task", help="Only this task; may be repeated.")]
Hub = Annotated[bool, typer.Option("--hub", help="The original sets, from the Hugging Face hub.")]
Baselines = Annotated[bool, typer.Option(help="BM25, multilingual-e5-small, USE and random vectors besides.")]
Robust = Annotated[
    bool,
    typer.Option(
        help="Retrieval and classification again in capitals, ASCII, scanned, abbreviated, inflected: up to five times "
        "the queries. It adds columns to records that are there, so that it can be asked for later.",
    ),
]
Dimensions = Annotated[
    list[int] | None, typer.Option(help="Each model also with its first N components; may be repeated.")
]
MaxLength = Annotated[int | None, typer.Option(help="Tokens that a model reads of a text, within its own limit.")]
Cache = Annotated[Path, typer.Option(help="Folder of vectors that runs share.")]

VECTORS = Path("~/.cache/mecelle/vectors")
DEFAULT_TOKENS = 256
RESAMPLES = 2_000
"""Of the intervals on the screen: a tenth of a second for each record; `mecelle compare` draws more."""
ADDED = (" loss", ".touched", ".untouched", ".answer_seen", ".answer_unseen")
"""Ends of the scores that robustness and leakage add to a record."""


SUITES: "dict[Suite, str]" = {
    "mteb-turkish": "MTEB-Turkish (Mecellem Table 11): 16 tasks over local files in place of its 17 (one set for both "
    "of pair classification, legal answers for want of contracts); with --hub the 17 by id, of which the paper names "
    "8, and SciFact-TR.",
    "legal": "Turkish legal retrieval: articles, decisions and answers; with --hub also the English tasks of MLEB.",
}


def _command(name: "Suite") -> Callable[..., None]:
    @told
    def command(
        models: Models = None,
        *,
        out: Results,
        data: Data = DATA,
        splits: Splits = None,
        task: Tasks = None,
        hub: Hub = False,
        baselines: Baselines = True,
        robustness: Robust = False,
        training: Training = None,
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
        if not named and not baselines:
            raise ConfigError("no model: name one (a folder, a hub id, package:e5, ...), or leave --no-baselines out")
        if hub and (training or robustness):
            raise ConfigError("--training and --robustness change tasks over local files; leave them out with --hub")
        wanted = suite(name, hub=hub, only=task or ())
        source = Source(data) if hub else Source(data_folder(data), splits_file(splits, data))
        if baselines:
            named += [one for one in BASELINES if one not in named]
        found = contestants(named, seed=number, max_length=max_length, memory=folder)
        cut = [one.shortened(size) for one in found if one.words is None for size in dimensions or []]
        setting = Setting(
            out=out,
            source=source,
            caps=parameters(Caps, params, "evaluation_caps", settings, Caps()),
            forms=FORMS if robustness else (),
            seed=number,
            cache=folder,
            training=training,
        )
        made = evaluate([*found, *cut], wanted, setting, tell=_warn)
        _show(made, verdicts(made), seed=number)

    return command


def add_to(app: typer.Typer) -> None:
    """Add the commands to `mecelle evaluate`."""
    for name, about in SUITES.items():
        app.command(name, help=about, cls=suite_command(name))(_command(name))


def _warn(sentence: str) -> None:
    errors.print(sentence, markup=False, highlight=False, soft_wrap=True)


def _show(made: "Sequence[TaskRecord]", warnings: Sequence[str], *, seed: int) -> None:
    """A table per task for a person, one JSON line for a program."""
    rows = [_row(record, seed) for record in made]
    if not sys.stdout.isatty():
        sys.stdout.write(orjson.dumps({"records": rows, "warnings": warnings}).decode() + "\n")
        return
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        tables[f"{row['task']}: {row['measure']} of {row['n']} units ({row['unit']})"].append(row)
    for title, members in tables.items():
        added = list(dict.fromkeys(name for row in members for name in row if name.endswith(ADDED)))
        table = Table("model", "score [95%]", *added, "seconds", title=escape(title))
        for row in members:
            more = (_added(name, row.get(name)) for name in added)
            table.add_row(escape(row["model"]), row["score"], *more, f"{row['seconds']:.1f}")
        console.print(table)
    for warning in warnings:
        console.print(escape(warning))


def _added(name: str, value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if name.startswith("n.") else f"{value:+.3f}" if name.endswith(" loss") else f"{value:.3f}"


def _row(record: "TaskRecord", seed: int) -> dict[str, Any]:
    from mecelle.evaluation.intervals import score_interval

    return {
        "model": record.model,
        "task": record.task,
        "measure": record.main_score,
        "score": score_interval(record, seed=seed, resamples=RESAMPLES).text(),
        "unit": record.unit,
        "n": record.n,
        **{name: value for name, value in record.scores.items() if name.endswith(ADDED)},
        "seconds": record.seconds,
        "embedding_seconds": record.embedding_seconds,
    }
