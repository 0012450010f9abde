"""`mecelle index build`, `mecelle index article` and `mecelle search`."""

import datetime
import os
import sys
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from pydantic import BaseModel
from rich.markup import escape
from rich.text import Text

from mecelle.base.config import parse
from mecelle.base.errors import ConfigError, InputError
from mecelle.base.progress import Progress
from mecelle.cli.common import Params, Settings, console, errors, parameters, told
from mecelle.cli.settings import takes
from mecelle.retrieval.config import IndexConfig, Mode
from mecelle.text.stemming import Method

if TYPE_CHECKING:
    from mecelle.corpus.takedown_log import Takedown
    from mecelle.retrieval.sections import SectionReader

app = typer.Typer(help="Build and read searchable indexes.", no_args_is_help=True)

WORKSPACE_INDEX = Path("artifacts/index")
SHIPPED, NO_MODEL = "package:mecelle", "none"


@app.callback()
def group() -> None:
    """Build searchable indexes, and read articles in them."""


@app.command(cls=takes("mecelle.retrieval.config:IndexConfig"))
@told
def build(
    sources: Annotated[list[Path], typer.Argument(help="Your files and folders, or artifacts of Mecelle.")],
    out: Annotated[Path, typer.Option(help="Folder of the index; building again brings it in line with the sources.")],
    model: Annotated[
        str | None,
        typer.Option(
            help="Folder, hub id or package:NAME; none: search by words alone. By default what --chosen names, else "
            f"the model that Mecelle ships ({SHIPPED})."
        ),
    ] = None,
    sectioner: Annotated[
        str | None,
        typer.Option(
            help="package:sectioner, or an artifact of `segment train`: passages keep to the sections of decisions."
        ),
    ] = None,
    sections: Annotated[
        Path | None, typer.Option(help="The same from a file that `mecelle segment apply` wrote.")
    ] = None,
    chosen: Annotated[
        Path | None,
        typer.Option(help="chosen.json of an evaluation: how to search, and by which model, if by any."),
    ] = None,
    takedowns: Annotated[
        Path | None,
        typer.Option(
            help="Log of `mecelle takedown`: what it names, and copies of that, stay out. The log of the service that "
            "serves this index, service/takedowns.jsonl beside it, is obeyed in any case."
        ),
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes that read files; 0: all cores.")] = 0,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Make documents searchable; only new and changed files are read and embedded."""
    from mecelle.corpus.takedown import Recogniser
    from mecelle.recipes.takedown import obey
    from mecelle.retrieval.index import build as run

    check_threads()
    config = parameters(IndexConfig, params, "index", settings, IndexConfig())
    if chosen:
        found = _read_chosen(chosen)
        model = model or found.place
        config = _as_chosen(config, found, has_model=model != NO_MODEL)
        if model is None and config.mode != "bm25":
            raise ConfigError(f"{chosen}: names no model, but mode '{config.mode}' needs one; give --model")
    told = _sections(sectioner, sections)
    rows = _taken_down(takedowns, out)
    report = run(
        sources, out, config, model=_model(model, config), sections=told, workers=workers or None,
        taken_down=Recogniser(rows).is_copy if rows else None,
    )  # fmt: skip
    if late := [row for row in _taken_down(takedowns, out) if row not in rows]:  # asked for while this was at work
        report = replace(report, taken_down=report.taken_down + obey(out, late, wait=True).documents)
    if sys.stdout.isatty():
        console.print(report.sentence(), soft_wrap=True)
        console.print(f'Next: mecelle search "..." --index {out}')
    else:
        values = {**asdict(report), "accounts": report.accounts.model_dump()}
        sys.stdout.write(orjson.dumps(values, default=str).decode() + "\n")


def check_threads() -> None:
    """Raise ConfigError if OMP_NUM_THREADS is no number, which models would end at without a word that helps."""
    said = os.environ.get("OMP_NUM_THREADS", "")
    if said and not (said.isascii() and said.isdigit() and int(said)):
        raise ConfigError(
            f"OMP_NUM_THREADS of the environment: found {said!r}; allowed is a whole number of threads from 1; "
            "mend it, or unset it for all cores"
        )


def _taken_down(log: Path | None, index: Path) -> "list[Takedown]":
    """The rows of the service's own log, and of the one that is named."""
    from mecelle.corpus.takedown_log import LOG, read_takedowns
    from mecelle.serving.settings import ServiceSettings

    own = ServiceSettings(index=index).state_folder / LOG
    logs = [own] if log is None or log.resolve() == own.resolve() else [log, own]
    return [row for one in logs for row in read_takedowns(one)]


def _model(model: str | None, config: IndexConfig) -> str | Path | None:
    """What embeds the passages; vectors that no search would ask for are not computed."""
    if config.mode == "bm25" or model == NO_MODEL:
        return None
    if model is None and config.mode == "auto" and find_spec("sentence_transformers") is None:
        errors.print(f"{SHIPPED} needs pip install -e '.[train]': this index searches by words alone", soft_wrap=True)
        return None
    return _path_or_name(model or SHIPPED)


def _path_or_name(name: str) -> str | Path:
    return Path(name) if Path(name).exists() else name


def _sections(sectioner: str | None, file: Path | None) -> "SectionReader | None":
    if sectioner and file:
        raise ConfigError("give --sectioner or --sections, not both: a passage has one section")
    if file:
        from mecelle.retrieval.sections import SectionsOfFile

        return SectionsOfFile(file)
    if sectioner:
        from mecelle.recipes.sectioning import SectionsOfModel

        with Progress("load", total=1, unit="sectioner") as progress:
            model = SectionsOfModel(sectioner)
            progress.advance()
        return model
    return None


class _Chosen(BaseModel):
    """What is read of a chosen.json, which tells more."""

    mode: Mode
    terms: Method | None = None
    place: str | None = None
    """Of the model; None where words alone did best."""


def _read_chosen(path: Path) -> _Chosen:
    if not path.exists():
        raise InputError(f"{path}: no such file; `mecelle evaluate retrieval` writes it")
    try:
        return parse(_Chosen, orjson.loads(path.read_bytes()), where=str(path))
    except orjson.JSONDecodeError as error:
        raise InputError(f"{path}: not JSON ({error}); `mecelle evaluate retrieval` writes it") from None


def _as_chosen(config: IndexConfig, found: _Chosen, *, has_model: bool) -> IndexConfig:
    """The mode and terms that did best on development queries, where the parameters leave it open ("auto")."""
    if config.mode != "auto":
        return config
    terms = {"bm25": config.bm25.model_copy(update={"terms": found.terms})} if found.terms else {}
    return config.model_copy(update={"mode": found.mode if has_model else "bm25", **terms})


@app.command()
@told
def article(
    name: Annotated[str, typer.Argument(help="An article as texts cite it: 'TBK 49', '6098 sayılı Kanun m. 49/2'.")],
    index: Annotated[Path, typer.Option(help="An index of `mecelle index build`.")] = WORKSPACE_INDEX,
    on: Annotated[str | None, typer.Option(help="Day, as 2015-03-31; without it the newest wording.")] = None,
) -> None:
    """Open an article: the wording of a day where the collection has it, with cautions where it has not."""
    from mecelle.retrieval.search import Searcher
    from mecelle.text.citations import find_citations

    day = _day(on)
    keys = [key for one in find_citations(name, date=day) if one.kind == "article" for key in one.normalised]
    if not keys:
        raise InputError(f"{name!r} names no article; write it as 'TBK 49' or '6098 sayılı Kanun m. 49'")
    with Searcher(index) as searcher:
        found = searcher.article(keys[0], on=day)
    if found is None:
        raise InputError(f"{index} has no article {keys[0]}")
    if not sys.stdout.isatty():
        sys.stdout.write(orjson.dumps(found).decode() + "\n")
        return
    console.print(f"[bold cyan]{escape(found.citation)}[/]  {escape(found.heading or '')}", soft_wrap=True)
    for caution in found.cautions:
        console.print(f"[yellow]{caution.notice.replace('_', ' ')} {caution.day or ''}[/]")
    console.print(escape(found.text))


def _day(said: str | None) -> str | None:
    try:
        return datetime.date.fromisoformat(said).isoformat() if said else None
    except ValueError:
        raise ConfigError(f"--on {said}: expected a day such as 2015-03-31") from None


@told
def search(
    query: Annotated[str, typer.Argument(help="A question, words, a case number (2024/3494) or an article (TBK 49).")],
    index: Annotated[Path, typer.Option(help="An index of `mecelle index build`.")] = WORKSPACE_INDEX,
    k: Annotated[int, typer.Option("-k", "--number", min=1, help="How many results.")] = 5,
    mode: Annotated[Mode | None, typer.Option(help="bm25, dense or hybrid; the index knows which did best.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind: decision, statute, regulation, ...")] = None,
    court: Annotated[
        str | None, typer.Option(help="Only this court: Yargıtay, yargitay, AYM, 'Yarg. HGK', ...")
    ] = None,
    chamber: Annotated[str | None, typer.Option(help="Only this chamber: '4. HD', 'Hukuk Genel Kurulu', ...")] = None,
    since: Annotated[int | None, typer.Option(help="Only decisions of this year or later.")] = None,
    until: Annotated[int | None, typer.Option(help="Only decisions of this year or earlier.")] = None,
    section: Annotated[
        list[str] | None, typer.Option(help="Only in this section: reasoning, dissent, ruling, ...; repeat it.")
    ] = None,
    law: Annotated[str | None, typer.Option(help="Only this act: 6098, TBK.")] = None,
    cites: Annotated[str | None, typer.Option(help="Only what cites this: 6098, 'TBK 49', a decision.")] = None,
    reranker: Annotated[
        str | None, typer.Option(help="Late-interaction model or cross-encoder that orders the best anew.")
    ] = None,
    device: Annotated[
        str, typer.Option(help="cpu, cuda, cuda:1, mps; models of packages stay on the processor.")
    ] = "cpu",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per result.")] = False,
) -> None:
    """Search an index: court, number, date and the best passage of each result."""
    from mecelle.retrieval.reranking import load_reranker
    from mecelle.retrieval.search import Filters, Searcher

    check_threads()
    filters = Filters(
        kind=kind,
        court=court,
        chamber=chamber,
        year_from=since,
        year_to=until,
        sections=tuple(section or ()),
        law_number=law,
        cites=cites,
    )
    second = load_reranker(_path_or_name(reranker), device=device) if reranker else None
    with Searcher(index, reranker=second, device=device) as searcher:
        hits = searcher.search(query, k=k, mode=mode, filters=filters)
        missing = searcher.missing(query)
    if missing:
        errors.print(f"Not in {index}: {', '.join(missing)}", markup=False, highlight=False, soft_wrap=True)
    if as_json or not sys.stdout.isatty():
        for hit in hits:
            sys.stdout.write(orjson.dumps(hit, default=str).decode() + "\n")
        return
    show(query, hits)


def show(query: str, hits: list[Any]) -> None:
    """Print results as a person reads them: where it stands, then the passage with the query's words marked."""
    asked = f"[bold]{escape(query)}[/]"
    console.print(f"\n{asked}" if hits else f"Nothing found for {asked}. Try fewer or other words.")
    for number, hit in enumerate(hits, start=1):
        title = f"  {escape(str(hit.title))}" if hit.title else ""
        console.print(f"\n[bold cyan]{number}. {escape(hit.citation)}[/]{title}", soft_wrap=True)
        console.print(_marked(hit))


def _marked(hit: Any, around: int = 420) -> Text:
    spans = list(hit.spans)
    first = min((start for start, _ in spans), default=0)
    left = max(0, first - around // 4)
    right = left + around
    text = Text(
        ("… " if left else "") + hit.passage[left:right].replace("\n", " ") + (" …" if right < len(hit.passage) else "")
    )
    shift = 2 if left else 0
    for start, end in spans:
        if left <= start < right:
            text.stylize("bold yellow", start - left + shift, end - left + shift)
    return text


def add_to(app: typer.Typer) -> None:
    """Put `mecelle search` beside `mecelle index`."""
    app.command()(search)
