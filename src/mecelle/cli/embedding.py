"""`mecelle embedding guide|train|forgetting`."""

from pathlib import Path
from typing import Annotated

import typer

from mecelle.base.allocator import ALLOCATOR
from mecelle.base.errors import ConfigError
from mecelle.cli.common import (
    Out,
    Params,
    Seed,
    Settings,
    apart,
    ensure_allocator,
    finish,
    named,
    parameters,
    seed_of,
    told,
)
from mecelle.cli.settings import takes

app = typer.Typer(help="Post-train encoders for retrieval.", no_args_is_help=True)


@app.command(cls=takes("mecelle.embedding.guide.build:GuideConfig"))
@told
def guide(
    pairs: Annotated[Path, typer.Argument(help="An artifact of `embedding pairs`.")],
    out: Out,
    cache: Annotated[Path | None, typer.Option(help="Folder of vectors that runs share.")] = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Embed every text of the pairs once with the guide model (Mecellem §3.3.5)."""
    from mecelle.embedding.guide.build import GuideConfig, cache_guide

    config = parameters(GuideConfig, params, "guide", settings, GuideConfig())
    cache_guide(pairs, out, config, cache=cache)
    finish(out)


@app.command(cls=takes("mecelle.embedding.config:EmbeddingConfig"))
@told
def train(
    pairs: Annotated[
        Path, typer.Option(help="An artifact of pairs, or a table: CSV, TSV, JSON Lines, Parquet with query, document.")
    ],
    encoder: Annotated[
        str | None, typer.Argument(help="A Hugging Face folder with its tokenizer, or a hub id.", show_default=False)
    ] = None,
    base: Annotated[str | None, typer.Option(help="The same, as an option.", show_default=False)] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the model; by default named after the pairs.")] = None,
    work: Annotated[
        Path | None,
        typer.Option(help="Folder for checkpoints, from which a killed run goes on; by default beside --out."),
    ] = None,
    guide: Annotated[Path | None, typer.Option(help="An artifact of `embedding guide`.")] = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Train an encoder for retrieval: `mecelle embedding train --pairs P.csv --base HUB_ID_OR_FOLDER`.

    Without parameters the loss is guided where there is a guide, CoSENT where pairs have grades, else that of multiple
    negatives.
    """
    ensure_allocator(ALLOCATOR)
    from mecelle.embedding.config import EmbeddingConfig, fitting
    from mecelle.embedding.pairs.record import read_pairs
    from mecelle.embedding.train import train as run

    start = encoder or base
    if start is None or (encoder and base):
        raise ConfigError("one model to begin with is needed: --base HUB_ID_OR_FOLDER, or the same without --base")
    graded = params is None and next(iter(read_pairs(pairs))).grade is not None
    default = fitting(guided=guide is not None, graded=graded)
    config = parameters(EmbeddingConfig, params, "embedding", settings, default)
    place = out or Path(f"{pairs.name.partition('.')[0]}-model")
    checkpoints = work or place.with_name(f"{place.name}.work")
    folder = Path(start)
    run(
        folder if folder.exists() else start, pairs, guide, place, config,
        seed=seed_of(seed, params), work=checkpoints,
    )  # fmt: skip
    finish(place)


@app.command(cls=takes("mecelle.recipes.forgetting:ForgettingConfig"))
@told
def forgetting(
    models: Annotated[list[str], typer.Argument(help="name=folder or hub id, in the order of training.")],
    out: Out,
    pairs: Annotated[list[str], typer.Option(help="name=artifact of pairs, whose held-out pairs are asked.")],
    cache: Annotated[Path | None, typer.Option(help="Folder of vectors that runs share.")] = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """What each training of a chain taught, and what it cost: STS, NLI and retrieval after every stage."""
    from mecelle.recipes.forgetting import ForgettingConfig, measure_forgetting

    config = parameters(ForgettingConfig, params, "forgetting", settings, ForgettingConfig())
    chain = apart([named(one, "MODEL") for one in models])
    sets = {name: Path(place) for name, place in (named(one, "--pairs") for one in pairs)}
    measure_forgetting(
        {name: Path(place) if Path(place).exists() else place for name, place in chain.items()}, sets, out, config,
        seed=seed_of(seed, params), cache=cache,
    )  # fmt: skip
    finish(out)
