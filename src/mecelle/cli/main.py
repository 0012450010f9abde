"""The `mecelle` command."""

from typing import Any

import typer
from typer.core import TyperGroup

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

ORDER = (
    "new", "check", "run", "report", "search", "serve",
    "corpus", "tokenizer", "encoder", "decoder", "embedding", "segment", "reward", "evaluate", "compare", "index",
    "export", "push", "lineage", "takedown",
    "demo", "sample", "doctor",
)  # fmt: skip
"""Of the help: a workspace from its beginning, then the stages, each alone, then what becomes of the results."""


class InOrderOfWork(TyperGroup):
    """Lists the commands as they are needed, and not as the modules happen to add them."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All names; what ORDER does not name stands last."""
        return sorted(super().list_commands(ctx), key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))


app = typer.Typer(
    name="mecelle",
    cls=InOrderOfWork,
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
