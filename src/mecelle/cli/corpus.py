"""`mecelle corpus ...`: files to documents, documents to a corpus, a corpus to a training set."""

from pathlib import Path
from typing import Annotated

import typer

from mecelle.base.config import read_yaml
from mecelle.cli.common import Out, Params, Seed, Settings, finish, parameters, seed_of, told
from mecelle.corpus import build as corpus_build
from mecelle.corpus import select as corpus_select
from mecelle.corpus.executors import executors
from mecelle.corpus.executors.local import Local
from mecelle.corpus.registered import by_name
from mecelle.documents import extract as documents_extract
from mecelle.documents.config import ExtractConfig

app = typer.Typer(help="From files to clean, deduplicated, masked documents.", no_args_is_help=True)

Workers = Annotated[int, typer.Option(help="Processes; the result does not depend on it. 0: all cores.")]
Where = Annotated[
    Path | None,
    typer.Option(
        "--executor",
        help="YAML of another place to run: `executor: ray.v1`, or `executor: slurm.v1` and `partition: ...`.",
    ),
]


@app.command()
@told
def extract(
    paths: Annotated[
        list[Path], typer.Argument(help="Files or folders: JSONL, Parquet, CSV, TXT, HTML, PDF, DOCX, UDF.")
    ],
    out: Out,
    cache: Annotated[
        Path | None, typer.Option(help="Folder that remembers each file: a rerun reads new files only.")
    ] = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Read files into documents; what cannot be read becomes a row of failed.jsonl."""
    config = parameters(ExtractConfig, params, "extract", settings, ExtractConfig())
    documents_extract.extract(paths, out, config, cache=cache)
    finish(out, failed_rows=str(out / "failed.jsonl"))


@app.command()
@told
def build(
    documents: Annotated[Path, typer.Argument(help="An artifact of `corpus extract`.")],
    out: Out,
    work: Annotated[
        Path | None, typer.Option(help="Folder for finished shards: a killed build goes on from them.")
    ] = None,
    snapshot: Annotated[
        Path | None, typer.Option(help="Of `corpus select`: what was trained on stays, whatever copies come later.")
    ] = None,
    workers: Workers = 0,
    executor: Where = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Clean, filter, deduplicate and mask documents."""
    config = parameters(corpus_build.CorpusConfig, params, "corpus", settings, corpus_build.CorpusConfig())
    place = by_name(executors, "executor")(read_yaml(executor)) if executor else Local(workers=workers)
    corpus_build.build(documents, out, config, seed=seed_of(seed, params), executor=place, work=work, snapshot=snapshot)
    finish(out)


@app.command()
@told
def select(
    corpus: Annotated[Path, typer.Argument(help="An artifact of `corpus build`.")],
    out: Out,
    snapshot: Annotated[Path, typer.Option(help="Folder that remembers what the first run trained on.")],
    evaluation: Annotated[
        list[Path] | None, typer.Option(help="Files of questions that are scored: documents that hold them leave.")
    ] = None,
    splits: Annotated[Path | None, typer.Option(help="docs/splits.json: held-out decisions leave.")] = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Choose the part of a corpus that may be trained on."""
    config = parameters(corpus_select.SelectConfig, params, "select", settings, corpus_select.SelectConfig())
    corpus_select.select(corpus, out, config, evaluation=evaluation or [], splits=splits, snapshot=snapshot)
    finish(out)
