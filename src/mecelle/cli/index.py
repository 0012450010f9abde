"""`mecelle index build`, `mecelle index article` and `mecelle search`."""

import datetime
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.markup import escape
from rich.text import Text

from mecelle.base.errors import ConfigError, InputError
from mecelle.cli.common import Params, Settings, console, parameters, told
from mecelle.cli.settings import takes
from mecelle.retrieval.config import IndexConfig, Mode

if TYPE_CHECKING:
    from mecelle.retrieval.sections import SectionReader

app = typer.Typer(help="Build and read searchable indexes.", no_args_is_help=True)

WORKSPACE_INDEX = Path("artifacts/index")


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
        typer.Option(help="Folder, hub id or package:NAME (package:use); without it, search by words alone."),
    ] = None,
    sectioner: Annotated[
        Path | None, typer.Option(help="Artifact of `segment train`: passages then keep to the sections of decisions.")
    ] = None,
    sections: Annotated[
        Path | None, typer.Option(help="The same from a file that `mecelle segment apply` wrote.")
    ] = None,
    chosen: Annotated[
        Path | None,
        typer.Option(help="chosen.json of an evaluation: how to search. If words did best, no vectors are made."),
    ] = None,
    takedowns: Annotated[
        Path | None, typer.Option(help="Log of `mecelle takedown`: what it names, and copies of that, leave at once.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes that read files; 0: all cores.")] = 0,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Make documents searchable; only new and changed files are read and embedded."""
    from mecelle.corpus.takedown_log import read_takedowns
    from mecelle.recipes.takedown import obey
    from mecelle.retrieval.index import build as run

    config = parameters(IndexConfig, params, "index", settings, IndexConfig())
    if chosen:
        config = _as_chosen(config, chosen)
        if config.mode == "bm25":
            model = None  # vectors that no search would ask for are not computed
    told = _sections(sectioner, sections)
    report = run(sources, out, config, model=_path_or_name(model), sections=told, workers=workers or None)
    gone = obey(out, read_takedowns(takedowns)).documents if takedowns else 0
    if sys.stdout.isatty():
        console.print(report.sentence() + (f"; {gone:,} taken down" if gone else ""), soft_wrap=True)
        console.print(f'Next: mecelle search "..." --index {out}')
    else:
        values = {**asdict(report), "accounts": report.accounts.model_dump(), "taken_down": gone}
        sys.stdout.write(orjson.dumps(values, default=str).decode() + "\n")


def _path_or_name(model: str | None) -> str | Path | None:
    return Path(model) if model and Path(model).exists() else model


def _sections(sectioner: Path | None, file: Path | None) -> "SectionReader | None":
    if sectioner and file:
        raise ConfigError("give --sectioner or --sections, not both: a passage has one section")
    if file:
        from mecelle.retrieval.sections import SectionsOfFile

        return SectionsOfFile(file)
    if sectioner:
        from mecelle.recipes.sectioning import SectionsOfModel

        return SectionsOfModel(sectioner)
    return None


def _as_chosen(config: Any, path: Path) -> Any:
    """The mode and terms that did best on development queries, where the parameters leave it open ("auto")."""
    if not path.exists():
        raise InputError(f"{path}: no such file; `mecelle evaluate retrieval` writes it")
    found = orjson.loads(path.read_bytes())
    updates: dict[str, Any] = {}
    if config.mode == "auto":
        updates["mode"] = found["mode"]
        if found.get("terms"):
            updates["bm25"] = config.bm25.model_copy(update={"terms": found["terms"]})
    return config.model_copy(update=updates)


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
    court: Annotated[str | None, typer.Option(help="Only this court: Yargıtay, Danıştay, ...")] = None,
    chamber: Annotated[str | None, typer.Option(help="Only this chamber: '4. HD', 'Hukuk Genel Kurulu', ...")] = None,
    since: Annotated[int | None, typer.Option(help="Only decisions of this year or later.")] = None,
    until: Annotated[int | None, typer.Option(help="Only decisions of this year or earlier.")] = None,
    section: Annotated[
        list[str] | None, typer.Option(help="Only in this section: reasoning, dissent, ruling, ...; repeat it.")
    ] = None,
    law: Annotated[str | None, typer.Option(help="Only this act, by its number: 6098.")] = None,
    cites: Annotated[str | None, typer.Option(help="Only what cites this: 6098, 'TBK 49', a decision.")] = None,
    reranker: Annotated[
        str | None, typer.Option(help="Late-interaction model or cross-encoder that orders the best anew.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per result.")] = False,
) -> None:
    """Search an index: court, number, date and the best passage of each result."""
    from mecelle.retrieval.reranking import load_reranker
    from mecelle.retrieval.search import Filters, Searcher

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
    name = _path_or_name(reranker)
    searcher = Searcher(index, reranker=load_reranker(name) if name else None)
    hits = searcher.search(query, k=k, mode=mode, filters=filters)
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
        title = f"  {escape(hit.title)}" if hit.title else ""
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
