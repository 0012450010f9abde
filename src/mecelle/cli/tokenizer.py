"""`mecelle tokenizer ...`."""

from pathlib import Path
from typing import Annotated

import typer

from mecelle.cli.common import Out, Params, Seed, Settings, finish, parameters, seed_of, told

app = typer.Typer(help="Train and measure tokenizers.", no_args_is_help=True)


@app.command()
@told
def train(
    corpus: Annotated[Path, typer.Argument(help="An artifact of `corpus build` or `corpus select`.")],
    out: Out,
    terms: Annotated[
        list[Path] | None, typer.Option(help="Lists of legal terms (JSONL with `term`, or one a line) as seeds.")
    ] = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Train a tokenizer whose vocabulary is seeded with legal terms (HukukBERT §3.3)."""
    from mecelle.tokenizer.stage import TokenizerConfig, train_tokenizer

    config = parameters(TokenizerConfig, params, "tokenizer", settings, TokenizerConfig())
    train_tokenizer(corpus, out, config, seed=seed_of(seed, params), seeds=terms or [])
    finish(out)
