"""`mecelle embedding convert|adapt|merge|prune|quantise|static|late`: models made out of models."""

from pathlib import Path
from typing import Annotated

import typer

from mecelle.base.allocator import ALLOCATOR
from mecelle.cli.common import Out, Params, Seed, Settings, ensure_allocator, finish, parameters, seed_of, told
from mecelle.cli.settings import takes

Model = Annotated[str, typer.Argument(help="A model folder, a hub id, or package:e5.")]
Texts = Annotated[
    list[Path],
    typer.Option(
        help="A collection, JSON Lines with `text`, or .txt; may be repeated.", default_factory=list, show_default=False
    ),
]

Work = Annotated[
    Path | None,
    typer.Option(help="Folder for checkpoints, from which a killed run goes on; by default beside --out."),
]
Device = Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1, mps; none: a GPU if there is one.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to `mecelle embedding`."""
    app.command(cls=takes("mecelle.embedding.conversion.convert:ConversionConfig"))(convert)
    app.command(cls=takes("mecelle.embedding.conversion.adapt:AdaptConfig"))(adapt)
    app.command(cls=takes("mecelle.embedding.merging:MergeConfig"))(merge)
    app.command(cls=takes("mecelle.embedding.pruning.prune:PruneConfig"))(prune)
    app.command(cls=takes("mecelle.embedding.quantise:QuantiseConfig"))(quantise)
    app.command(cls=takes("mecelle.embedding.static:StaticConfig"))(static)
    app.command(cls=takes("mecelle.embedding.late:LateConfig"))(late)


def place(name: str) -> Path | str:
    """A path where there is one, else the name as it is: of the hub, or of a package."""
    return Path(name) if Path(name).exists() else name


def beside(out: Path) -> Path:
    """Where checkpoints go that nobody named a folder for."""
    return out.with_name(f"{out.name}.work")


@told
def convert(model: Model, out: Out, params: Params = None, settings: Settings = None) -> None:
    """Turn a decoder into an encoder: no head, attention to both sides, mean pooling (Mecellem §3.4.9)."""
    from mecelle.embedding.conversion.convert import ConversionConfig
    from mecelle.embedding.conversion.convert import convert as run

    run(place(model), out, parameters(ConversionConfig, params, "convert", settings, ConversionConfig()))
    finish(out)


@told
def adapt(
    model: Model,
    texts: Annotated[Path, typer.Option(help="A collection, JSON Lines with `text`, or .txt.")],
    out: Out,
    work: Work = None,
    device: Device = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Convert a decoder and teach it to look ahead, by predicting masked tokens (LLM2Vec)."""
    ensure_allocator(ALLOCATOR)
    from mecelle.embedding.conversion.adapt import AdaptConfig
    from mecelle.embedding.conversion.adapt import adapt as run
    from mecelle.models.loading import usual_device

    config = parameters(AdaptConfig, params, "adapt_converted", settings, AdaptConfig())
    run(
        place(model), texts, out, config,
        seed=seed_of(seed, params), work=work or beside(out), device=device or usual_device(),
    )  # fmt: skip
    finish(out)


@told
def merge(
    first: Model,
    second: Model,
    out: Out,
    method: Annotated[str | None, typer.Option(help="linear or slerp.")] = None,
    weight: Annotated[float | None, typer.Option(help="Share of the second model, 0 to 1.")] = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Merge the weights of two trainings of one model."""
    from mecelle.embedding.merging import MergeConfig
    from mecelle.embedding.merging import merge as run

    given = [f"{name}={value}" for name, value in (("method", method), ("weight", weight)) if value is not None]
    config = parameters(MergeConfig, params, "merge", [*(settings or []), *given], MergeConfig())
    run(place(first), place(second), out, config)
    finish(out)


@told
def prune(
    model: Model, texts: Texts, out: Out, seed: Seed = None, params: Params = None, settings: Settings = None
) -> None:
    """Keep the tokens of a multilingual model that these texts need."""
    from mecelle.embedding.pruning.prune import PruneConfig
    from mecelle.embedding.pruning.prune import prune as run

    config = parameters(PruneConfig, params, "prune", settings, PruneConfig())
    run(place(model), texts, out, config, seed=seed_of(seed, params))
    finish(out)


@told
def quantise(
    model: Model, out: Out, texts: Texts, seed: Seed = None, params: Params = None, settings: Settings = None
) -> None:
    """Store a model in 8 bits; given texts, tell what that does to its vectors."""
    from mecelle.embedding.quantise import QuantiseConfig
    from mecelle.embedding.quantise import quantise as run

    config = parameters(QuantiseConfig, params, "quantise", settings, QuantiseConfig())
    run(place(model), out, config, seed=seed_of(seed, params), texts=texts)
    finish(out)


@told
def static(model: Model, out: Out, params: Params = None, settings: Settings = None) -> None:
    """Boil a model down to one vector for each token, for first-stage search on a CPU."""
    from mecelle.embedding.static import StaticConfig, distil

    distil(place(model), out, parameters(StaticConfig, params, "static", settings, StaticConfig()))
    finish(out)


@told
def late(
    encoder: Model,
    pairs: Annotated[Path, typer.Option(help="An artifact of `embedding pairs`.")],
    out: Out,
    work: Work = None,
    device: Device = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Train an encoder with a vector for each token (ColBERT), which ranks anew what words found."""
    ensure_allocator(ALLOCATOR)
    from mecelle.embedding.late import LateConfig, train_late
    from mecelle.models.loading import usual_device

    config = parameters(LateConfig, params, "late", settings, LateConfig())
    train_late(
        place(encoder), pairs, out, config,
        seed=seed_of(seed, params), work=work or beside(out), device=device or usual_device(),
    )  # fmt: skip
    finish(out)
