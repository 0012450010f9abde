"""The `mecelle` command."""

import typer

from mecelle import __version__
from mecelle.cli import (
    compare,
    corpus,
    decoder,
    embedding,
    embedding_models,
    embedding_pairs,
    encoder,
    evaluate,
    export,
    index,
    maintenance,
    reward,
    segment,
    serve,
    tokenizer,
    workspace,
)

app = typer.Typer(
    name="mecelle",
    help="From Turkish legal documents to measured Turkish legal language models, and a search over them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.add_typer(corpus.app, name="corpus")
app.add_typer(tokenizer.app, name="tokenizer")
app.add_typer(encoder.app, name="encoder")
app.add_typer(decoder.app, name="decoder")
app.add_typer(embedding.app, name="embedding")
app.add_typer(segment.app, name="segment")
app.add_typer(reward.app, name="reward")
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(index.app, name="index")
app.add_typer(serve.app, name="serve")
embedding_pairs.add_to(embedding.app)
embedding_models.add_to(embedding.app)
export.add_to(app)
workspace.add_to(app)
compare.add_to(app)
maintenance.add_to(app)
index.add_to(app)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"mecelle {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Shared options."""


def main() -> None:
    """Entry point of the `mecelle` script."""
    app()
