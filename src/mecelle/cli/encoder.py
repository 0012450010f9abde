"""`mecelle encoder ...`."""

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

app = typer.Typer(help="Pre-train encoders.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Pre-train encoders."""


@app.command()
@told
def pretrain(
    training: Annotated[Path, typer.Argument(help="An artifact of `corpus select` or `corpus build`.")],
    tokenizer: Annotated[Path, typer.Option(help="A Hugging Face tokenizer folder.")],
    out: Out,
    work: Annotated[Path, typer.Option(help="Folder for checkpoints; a killed run goes on from the last one.")],
    evaluation: Annotated[
        list[Path] | None, typer.Option(help="Files that the model will be scored on: the text must be clean of them.")
    ] = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Pre-train a ModernBERT from scratch by masked language modelling (Mecellem §3.3)."""
    ensure_allocator(ALLOCATOR)
    from mecelle.encoder.config import EncoderConfig
    from mecelle.encoder.pretrain import pretrain as run

    config = parameters(EncoderConfig, params, "encoder", settings, EncoderConfig())
    run(training, tokenizer, out, config, seed=seed_of(seed, params), work=work, evaluation=evaluation or [])
    finish(out)
