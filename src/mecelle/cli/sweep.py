"""`mecelle corpus sweep ...`: what thresholds would leave of a corpus."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markdown import Markdown

from mecelle.cli.common import Out, Params, Settings, console, finish, parameters, told
from mecelle.cli.settings import takes

app = typer.Typer(help="What thresholds would leave of a corpus, before a filter is set.", no_args_is_help=True)


def show(summary: str) -> None:
    """The tables of a sweep, on a terminal; piped, they are in the artifact."""
    if sys.stdout.isatty():
        console.print(Markdown(summary))


@app.command(cls=takes("mecelle.corpus.sweeps.morphology:MorphologySweepConfig"))
@told
def morphology(
    documents: Annotated[Path, typer.Argument(help="An artifact of `corpus extract` or `corpus build`.")],
    out: Out,
    tokenizer: Annotated[
        str | None, typer.Option(help="Folder or hub id that lengths are counted with; by default words are counted.")
    ] = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Suffix entropy and lemma diversity: the paper's Table 26 and Figures 2 and 3 for your documents."""
    from mecelle.corpus.sweeps.morphology import MorphologySweepConfig, morphology_sweep  # brings matplotlib

    config = parameters(MorphologySweepConfig, params, "morphology_sweep", settings, MorphologySweepConfig())
    if tokenizer:
        config = config.model_copy(update={"tokenizer": tokenizer})
    show(morphology_sweep(documents, out, config))
    finish(out, summary=str(out / "summary.md"))


@app.command(cls=takes("mecelle.corpus.sweeps.quality:QualitySweepConfig"))
@told
def quality(
    documents: Annotated[Path, typer.Argument(help="An artifact of `corpus extract` or `corpus build`.")],
    out: Out,
    seed: Annotated[int, typer.Option(help="Of the balanced draw and the noise; 42 in the paper.")] = 42,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Thresholds of the FineWeb filter: the paper's Table 2 for your documents, with false positives."""
    from mecelle.corpus.sweeps.quality import QualitySweepConfig, quality_sweep

    config = parameters(QualitySweepConfig, params, "quality_sweep", settings, QualitySweepConfig())
    show(quality_sweep(documents, out, config, seed=seed))
    finish(out, summary=str(out / "summary.md"))
