"""`mecelle corpus ...`: files to documents, documents to a corpus, a corpus to a training set."""

from pathlib import Path
from typing import Annotated, Any

import typer

from mecelle.base.artifacts import read_record
from mecelle.base.collection import is_collection, write_documents
from mecelle.base.config import load, parse, read_yaml
from mecelle.base.errors import ConfigError, InputError
from mecelle.cli.common import (
    Out,
    Params,
    Seed,
    Settings,
    console,
    errors,
    finish,
    parameters,
    seed_of,
    served,
    told,
)
from mecelle.cli.mixing import mix
from mecelle.cli.ocr import Engine, Pages, ocr, with_ocr
from mecelle.cli.settings import apart, takes
from mecelle.cli.statistics import stats
from mecelle.cli.sweep import app as sweep

app = typer.Typer(help="From files to clean, deduplicated, masked documents.", no_args_is_help=True)

Workers = Annotated[int, typer.Option(help="Processes; the result does not depend on it. 0: all cores.")]
Where = Annotated[
    Path | None,
    typer.Option(
        "--executor",
        help="YAML of another place to run: `executor: ray.v1`, or `executor: slurm.v1` and `partition: ...`.",
    ),
]


@app.command(cls=takes("mecelle.documents.config:ExtractConfig"))
@told
def extract(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="Files, folders or zip archives: JSONL, Parquet, CSV, TXT, HTML, PDF, DOCX, UDF, TIFF, PNG, JPEG; or "
            "hub:owner/name[,config=...][,split=...][,revision=...][,rows=...]."
        ),
    ],
    out: Out,
    cache: Annotated[
        Path | None, typer.Option(help="Folder that remembers each file: a rerun reads new files only.")
    ] = None,
    engine: Engine = None,
    pages: Pages = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Read files into documents; what cannot be read becomes a row of failed.jsonl."""
    from mecelle.documents import extract as documents_extract
    from mecelle.documents.config import ExtractConfig

    config = with_ocr(parameters(ExtractConfig, params, "extract", settings, ExtractConfig()), engine, pages)
    documents_extract.extract(paths, out, config, cache=cache)
    finish(out, failed_rows=str(out / "failed.jsonl"))


app.command(cls=takes("mecelle.documents.config:ExtractConfig"))(ocr)


@app.command(cls=takes("mecelle.corpus.build:CorpusConfig"))
@told
def build(
    paths: Annotated[
        list[Path], typer.Argument(help="An artifact of `corpus extract`, or files and folders, which are read first.")
    ],
    out: Out,
    work: Annotated[
        Path | None, typer.Option(help="Folder for finished shards: a killed build goes on from them.")
    ] = None,
    snapshot: Annotated[
        Path | None, typer.Option(help="Of `corpus select`: what was trained on stays, whatever copies come later.")
    ] = None,
    kept: Annotated[
        Path | None,
        typer.Option(help="Folder of finished shards that outlives the build: the next one does what is new."),
    ] = None,
    takedowns: Annotated[
        Path | None, typer.Option(help="Log of `mecelle takedown`: what it names, and copies of that, are left out.")
    ] = None,
    workers: Workers = 0,
    executor: Where = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Clean, filter, deduplicate and mask documents.

    Files are read into OUT-documents first, by section `extract` of --params and --set extract.KEY=VALUE, with the keys
    of `corpus extract`.
    """
    from mecelle.corpus import build as corpus_build
    from mecelle.corpus.executors import executors
    from mecelle.corpus.executors.local import Local
    from mecelle.corpus.registered import by_name
    from mecelle.documents import extract as documents_extract
    from mecelle.documents.config import ExtractConfig

    for_reading, own = apart("extract", settings)
    config = parameters(corpus_build.CorpusConfig, params, "corpus", own, corpus_build.CorpusConfig())
    place = by_name(executors, "executor")(read_yaml(executor)) if executor else Local(workers=workers)
    documents = paths[0]
    more: dict[str, Any] = {}
    if len(paths) > 1 or not is_collection(documents):
        documents = out.with_name(f"{out.name}-documents")
        reading = parameters(ExtractConfig, params, "extract", for_reading, ExtractConfig())
        documents_extract.extract(paths, documents, reading, cache=work / "extract" if work else None)
        more |= _unread(documents)
    elif for_reading:
        raise ConfigError(f"--set extract.{for_reading[0]}: {documents} is read already; extract.* is for files")
    corpus_build.build(
        documents,
        out,
        config,
        seed=seed_of(seed, params),
        executor=place,
        work=work,
        snapshot=snapshot,
        kept=kept,
        takedowns=takedowns,
    )
    finish(out, **more)


def _unread(documents: Path) -> dict[str, Any]:
    """How many files and rows gave no document, for the last line of a build; said at once on a terminal."""
    record, listed = read_record(documents), documents / "failed.jsonl"
    failed = sum(record.accounts.failed.values()) if record and record.accounts else 0
    if failed:
        errors.print(f"{failed:,} files or rows could not be read: {listed}", markup=False, soft_wrap=True)
    return {"unread": failed, "failed_rows": str(listed)}


@app.command()
@told
def reconstruct(
    documents: Annotated[Path, typer.Argument(help="An artifact of `corpus extract`.")],
    out: Out,
    model: Annotated[
        str | None, typer.Option(help="MODEL@URL of an OpenAI-compatible endpoint, over section `reconstruct`.")
    ] = None,
    work: Annotated[Path | None, typer.Option(help="Folder that remembers answers: a rerun asks for the rest.")] = None,
    params: Params = None,
) -> None:
    """Have a language model restore texts whose letters are scattered; digits and wording must stay."""
    from mecelle.corpus.reconstruct import ReconstructConfig, reconstruct_documents

    allowed = "MODEL@URL, such as qwen3@http://host:8000/v1"
    given = {"reconstruction": {"endpoint": served(model, option="--model", allowed=allowed)}} if model else {}
    if params:
        config = load(ReconstructConfig, params, section="reconstruct", over=given)
    elif given:
        config = parse(ReconstructConfig, given, where="--model")
    else:
        raise ConfigError("no model: give --model MODEL@URL, or --params with a section `reconstruct`")
    reconstruct_documents(documents, out, config, work=work)
    finish(out)


@app.command(cls=takes("mecelle.corpus.select:SelectConfig"))
@told
def select(
    corpus: Annotated[Path, typer.Argument(help="An artifact of `corpus build`.")],
    out: Out,
    snapshot: Annotated[Path, typer.Option(help="Folder that remembers what the first run trained on.")],
    evaluation: Annotated[
        list[Path] | None, typer.Option(help="Files of questions that are scored: documents that hold them leave.")
    ] = None,
    sets: Annotated[
        Path | None,
        typer.Option(help="YAML list of evaluation sets {path, name, domain, fields, where}, beside --evaluation."),
    ] = None,
    splits: Annotated[Path | None, typer.Option(help="docs/splits.json: held-out decisions leave.")] = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Choose the part of a corpus that may be trained on."""
    from mecelle.corpus import select as corpus_select
    from mecelle.corpus.decontamination.items import EvaluationSet, read_sets

    config = parameters(corpus_select.SelectConfig, params, "select", settings, corpus_select.SelectConfig())
    scored: list[Path | EvaluationSet] = [*(evaluation or []), *(read_sets(sets) if sets else [])]
    corpus_select.select(corpus, out, config, evaluation=scored, splits=splits, snapshot=snapshot)
    finish(out)


@app.command()
@told
def reveal(
    corpus: Annotated[Path, typer.Argument(help="An artifact of `corpus build` that was masked with a key.")],
    out: Annotated[Path, typer.Option(help="Folder of the documents as they were; it must not exist.")],
    key_file: Annotated[
        Path | None, typer.Option(help="File with the key; without it the variable MECELLE_PRIVACY_KEY is read.")
    ] = None,
) -> None:
    """Undo the masking, for who holds the key."""
    from mecelle.corpus.privacy.keys import KeySource, read_key
    from mecelle.corpus.privacy.reveal import reveal as revealed

    if out.exists():
        raise InputError(f"{out}: is there already; name a new folder")
    count = write_documents(revealed(corpus, read_key(KeySource(file=key_file))), out)
    console.print(f"{out}: {count:,} documents with their original texts")


app.command(cls=takes("mecelle.corpus.mixing.targets:Balance"))(mix)
app.command()(stats)
app.add_typer(sweep, name="sweep")
