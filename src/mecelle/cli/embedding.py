"""`mecelle embedding ...`: pairs, guide, training."""

from pathlib import Path
from typing import Annotated

import typer

from mecelle.base.allocator import ALLOCATOR
from mecelle.cli.common import (
    Out,
    Params,
    Seed,
    Settings,
    ensure_allocator,
    finish,
    parameters,
    seed_of,
    told,
)
from mecelle.cli.settings import takes

app = typer.Typer(help="Post-train encoders for retrieval.", no_args_is_help=True)


@app.command(cls=takes("mecelle.embedding.pairs.build:PairsConfig"))
@told
def pairs(
    training: Annotated[Path, typer.Argument(help="An artifact of `corpus select`.")],
    out: Out,
    exclude: Annotated[
        list[Path] | None, typer.Option(help="Files of scored questions: their copies are refused.")
    ] = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Make pairs of query and document from the documents' own structure: heading and article, summary and decision."""
    from mecelle.embedding.pairs.build import PairsConfig, build_pairs

    config = parameters(PairsConfig, params, "pairs", settings, PairsConfig())
    build_pairs(training, out, config, seed=seed_of(seed, params), exclude=exclude or [])
    finish(out)


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
    encoder: Annotated[str, typer.Argument(help="A Hugging Face folder with its tokenizer, or a hub id.")],
    pairs: Annotated[Path, typer.Option(help="An artifact of `embedding pairs`.")],
    out: Out,
    work: Annotated[Path, typer.Option(help="Folder for checkpoints; a killed run goes on from the last one.")],
    guide: Annotated[Path | None, typer.Option(help="An artifact of `embedding guide`.")] = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Train an encoder for retrieval with a guided contrastive loss."""
    ensure_allocator(ALLOCATOR)
    from mecelle.embedding.config import EmbeddingConfig
    from mecelle.embedding.train import train as run

    config = parameters(EmbeddingConfig, params, "embedding", settings, EmbeddingConfig())
    folder = Path(encoder)
    run(folder if folder.exists() else encoder, pairs, guide, out, config, seed=seed_of(seed, params), work=work)
    finish(out)
