"""`mecelle evaluate ...`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.markup import escape
from rich.table import Table

from mecelle.base.errors import ConfigError, InputError
from mecelle.base.naming import name_and_place
from mecelle.cli import (
    compare,
    evaluate_efficiency,
    evaluate_embeddings,
    evaluate_finetune,
    evaluate_generation,
    evaluate_masked,
    evaluate_tasks,
)
from mecelle.cli.common import Out, Params, Seed, Settings, apart, console, finish, parameters, seed_of, told
from mecelle.cli.settings import takes

app = typer.Typer(help="Score models, with intervals and tests.", no_args_is_help=True)
evaluate_efficiency.add_to(app)
evaluate_finetune.add_to(app)
evaluate_embeddings.add_to(app)
evaluate_masked.add_to(app)
evaluate_generation.add_to(app)
evaluate_tasks.add_to(app)
compare.add_board_to(app)


@app.command(cls=takes("mecelle.evaluation.stage:EvaluationConfig"))
@told
def retrieval(
    out: Out,
    models: Annotated[
        list[str] | None, typer.Argument(help="name=folder, name=hub/id or name=package:NAME; none: BM25 and guide.")
    ] = None,
    queries: Annotated[Path | None, typer.Option(help="JSONL (id, query, gold) or CSV (query, gold).")] = None,
    documents: Annotated[Path | None, typer.Option(help="JSONL (id, text), or an artifact with documents.")] = None,
    pairs: Annotated[
        Path | None, typer.Option(help="Used where there are no queries: held-out pairs, a silver standard.")
    ] = None,
    splits: Annotated[Path | None, typer.Option(help="docs/splits.json.")] = None,
    guide: Annotated[
        str | None, typer.Option(help="Published model to compare with: artifact of `embedding guide`, or a model.")
    ] = None,
    training: Annotated[
        Path | None,
        typer.Option(help="Artifact of `corpus select`: scores are told without what it had to clean off, too."),
    ] = None,
    cache: Annotated[Path | None, typer.Option(help="Folder of vectors that runs share.")] = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Compare BM25, models and their fusion on one retrieval task: nDCG@10 and more, with paired intervals."""
    from mecelle.evaluation.stage import EvaluationConfig, evaluate

    config = parameters(EvaluationConfig, params, "evaluation", settings, EvaluationConfig())
    named = apart([_named(model) for model in models or []])
    evaluate(
        out,
        config,
        models=named,
        seed=seed_of(seed, params),
        guide=_model("guide", guide) if guide else None,
        queries=queries,
        documents=documents,
        pairs=pairs,
        splits=splits,
        training=training,
        cache=cache,
    )
    scores, chosen = (orjson.loads((out / f"{name}.json").read_bytes()) for name in ("scores", "chosen"))
    show_scores(scores, chosen["system"])
    finish(out, chosen=chosen["system"], scores={name: row["ndcg@10"] for name, row in scores["test"].items()})


def show_scores(scores: Mapping[str, Mapping[str, Mapping[str, Any]]], chosen: str) -> None:
    """A table of the test questions on a terminal; piped, the last line has the scores.

    scores: part of the questions -> system -> measure -> interval, as `scores.json` has them; chosen: the system that
    was best on the development questions.
    """
    from mecelle.evaluation.statistics.bootstrap import Interval

    if not console.is_terminal:
        return
    test = scores["test"]
    count = next(iter(test.values()))["ndcg@10"]["n"]
    shown = Table(title=f"{count:,} test questions: mean [95%]", title_justify="left")
    for heading in ("system", "nDCG@10", "recall@100"):
        shown.add_column(heading, overflow="fold")
    for name, row in sorted(test.items(), key=lambda one: -one[1]["ndcg@10"]["mean"]):
        cells = (Interval.model_validate(row[measure]).text() for measure in ("ndcg@10", "recall@100"))
        shown.add_row(escape(name), *map(escape, cells))
    console.print(shown)
    console.print(f"Best on the other half, by which it is chosen: {chosen}", markup=False, soft_wrap=True)


@app.command()
@told
def splits(
    data: Annotated[Path, typer.Argument(help="The folder of legal data, such as ../shared/data/legal.")],
    out: Annotated[Path, typer.Option(help="File that is written.")] = Path("docs/splits.json"),
    seed: Annotated[int, typer.Option(help="Everything random follows from it.")] = 20261121,
) -> None:
    """Fix what may be trained on and what is scored, by question and by decision."""
    from mecelle.evaluation.splits import make_splits, write

    made = make_splits(data, seed=seed)
    write(made, out)
    console.print(f"{out}: " + ", ".join(f"{count:,} {name}" for name, count in made.counts.items()))


def _named(model: str) -> tuple[str, Path | str]:
    name, place = name_and_place(model)
    if not name:
        raise ConfigError(f"model '{model}': expected name=folder, such as embedding=artifacts/embedding")
    return name, _model(name, place)


def _model(name: str, place: str) -> Path | str:
    """A folder, or the name of a model that is no path: `package:use`, `owner/model`."""
    path = Path(place)
    if path.is_dir():
        return path
    if place.startswith("bm25:"):
        raise ConfigError(f"model '{name}': {place} needs no naming; BM25 is scored beside every model of this command")
    packaged = place.startswith("package:")
    hub = place.count("/") == 1 and not place.startswith(("/", ".", "~")) and not path.parent.is_dir()
    if packaged or hub:
        return place
    raise InputError(f"model '{name}': {place} is no folder, no hub id (owner/model) and no package: name")
