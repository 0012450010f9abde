"""`mecelle embedding guide|train|forgetting`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    errors,
    finish,
    named,
    parameters,
    seed_of,
    told,
)
from mecelle.cli.settings import takes

if TYPE_CHECKING:
    from mecelle.embedding.config import EmbeddingConfig

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

    Without --params the loss is guided where there is a guide, CoSENT where pairs have grades, else that of multiple
    negatives; accumulation and epochs, where they are not set, are by the number of the pairs; and at the end base and
    trained model are scored on the pairs that were held out.
    """
    ensure_allocator(ALLOCATOR)
    from mecelle.embedding.config import EmbeddingConfig
    from mecelle.embedding.train import train as run

    start = encoder or base
    if start is None or (encoder and base):
        raise ConfigError("one model to begin with is needed: --base HUB_ID_OR_FOLDER, or the same without --base")
    if params is None:
        config = _fitting(pairs, settings, guided=guide is not None, seed=seed_of(seed, params))
    else:
        config = parameters(EmbeddingConfig, params, "embedding", settings, EmbeddingConfig())
    place = out or Path(f"{pairs.name.partition('.')[0]}-model")
    checkpoints = work or place.with_name(f"{place.name}.work")
    beginning = Path(start) if Path(start).exists() else start
    run(beginning, pairs, guide, place, config, seed=seed_of(seed, params), work=checkpoints)
    compared = _compared(beginning, place, pairs, config, seed=seed_of(seed, params)) if params is None else {}
    finish(place, **compared)


def _fitting(pairs: Path, settings: Sequence[str] | None, *, guided: bool, seed: int) -> "EmbeddingConfig":
    """The parameters for a user's own pairs; what was chosen by their number is told."""
    from mecelle.embedding.config import EmbeddingConfig, fitting
    from mecelle.embedding.pairs.record import read_pairs
    from mecelle.embedding.pairs.split import split
    from mecelle.embedding.sizing import LAPTOP_CHUNK, sized
    from mecelle.models.loading import usual_device
    from mecelle.training.processes import is_first

    given = list(read_pairs(pairs))
    default = fitting(guided=guided, graded=any(pair.grade is not None for pair in given[:1]))
    if usual_device() == "cpu":
        default = default.model_copy(update={"chunk": LAPTOP_CHUNK})
    config = parameters(EmbeddingConfig, None, "embedding", settings, default)
    training, _ = split(given, most=config.evaluation_pairs, seed=seed)
    named = {setting.partition("=")[0] for setting in settings or ()}
    config, sentence = sized(config, len(training), given=named)
    if sentence and is_first():
        errors.print(sentence, markup=False, highlight=False, soft_wrap=True)
    return config


def _compared(
    base: Path | str, trained: Path, pairs: Path, config: "EmbeddingConfig", *, seed: int
) -> dict[str, dict[str, Any]]:
    """Base and trained model on the held-out pairs, told; nothing where none were held out."""
    from mecelle.models.loading import usual_device
    from mecelle.recipes.before_after import before_after
    from mecelle.training.processes import is_first

    found = before_after(base, trained, pairs, config, seed=seed, device=usual_device()) if is_first() else None
    if found is None:
        return {}
    errors.print(found.sentence(), markup=False, highlight=False, soft_wrap=True)
    return {"held_out": {**found.model_dump(), "verdict": found.verdict}}


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
