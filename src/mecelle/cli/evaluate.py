"""`mecelle evaluate ...`."""

from pathlib import Path
from typing import Annotated

import typer

from mecelle.base.errors import ConfigError, InputError
from mecelle.cli.common import Out, Params, Seed, Settings, console, finish, parameters, seed_of, told

app = typer.Typer(help="Score models, with intervals and tests.", no_args_is_help=True)


@app.command()
@told
def retrieval(
    out: Out,
    models: Annotated[
        list[str] | None, typer.Argument(help="name=folder, such as embedding=artifacts/embedding; none: words alone.")
    ] = None,
    queries: Annotated[Path | None, typer.Option(help="JSONL (id, query, gold) or CSV (query, gold).")] = None,
    documents: Annotated[Path | None, typer.Option(help="JSONL (id, text), or an artifact with documents.")] = None,
    pairs: Annotated[
        Path | None, typer.Option(help="Used where there are no queries: held-out pairs, a silver standard.")
    ] = None,
    splits: Annotated[Path | None, typer.Option(help="docs/splits.json.")] = None,
    cache: Annotated[Path | None, typer.Option(help="Folder of vectors that runs share.")] = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Compare BM25, models and their fusion on one retrieval task: nDCG@10 and more, with paired intervals."""
    from mecelle.evaluation.stage import EvaluationConfig, evaluate

    config = parameters(EvaluationConfig, params, "evaluation", settings, EvaluationConfig())
    named = dict(_named(model) for model in models or [])
    evaluate(
        out,
        config,
        models=named,
        seed=seed_of(seed, params),
        queries=queries,
        documents=documents,
        pairs=pairs,
        splits=splits,
        cache=cache,
    )
    finish(out)


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


def _named(model: str) -> tuple[str, Path]:
    name, equals, folder = model.partition("=")
    if not equals:
        raise ConfigError(f"model '{model}': expected name=folder, such as embedding=artifacts/embedding")
    if not Path(folder).is_dir():
        raise InputError(f"model '{name}': {folder} is no folder")
    return name, Path(folder)
