"""`mecelle serve` and what an operator needs beside it: tokens, backups, the audit log, the MCP server."""

import logging
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mecelle.cli.common import Params, Settings, console, parameters, served, told
from mecelle.cli.settings import takes

if TYPE_CHECKING:
    from mecelle.retrieval.sections import SectionReader

app = typer.Typer(help="Serve an index: interface, page, MCP tools.")

WORKSPACE_INDEX = Path("artifacts/index")
DEMO = Path("demo")
OPERATOR = "operator"
"""Who stands in the audit log for what is done on the machine itself."""

Index = Annotated[Path, typer.Option(help="An index of `mecelle index build`.")]
State = Annotated[
    Path | None, typer.Option(help="Folder of audit log and takedowns; by default `service` beside the index.")
]


@app.callback(invoke_without_command=True)
@told
def serve(
    context: typer.Context,
    index: Index = WORKSPACE_INDEX,
    host: Annotated[str, typer.Option(help="Address to listen on; others than loopback need --tokens.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    tokens: Annotated[Path | None, typer.Option(help="File of `mecelle serve token`.")] = None,
    endpoint: Annotated[
        str | None, typer.Option(help="Language model that answers, as MODEL@http://localhost:8080/v1.")
    ] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Serve the bundled sample; it is made first if need be.")
    ] = False,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Serve an index at http://127.0.0.1:8000 until Ctrl-C."""
    if context.invoked_subcommand:
        return
    from mecelle.base import config
    from mecelle.base.errors import require
    from mecelle.serving.settings import ServiceSettings
    from mecelle.serving.takedowns import obey

    uvicorn = require("uvicorn", extra="serve", why="Serving")
    given: dict[str, Any] = {"index": str(_demo_index(DEMO) if demo else index), "host": host, "port": port}
    if tokens:
        given["tokens"] = str(tokens)
    if endpoint:
        model = served(endpoint, option="--endpoint", allowed="MODEL@URL, such as gemma@http://localhost:8080/v1")
        # A person waits: one more try, and soon.
        given["endpoint"] = {**model, "timeout_seconds": 45.0, "retries": 1, "longest_wait_seconds": 3.0}
    base = config.parse(ServiceSettings, given, where="mecelle serve")
    chosen = parameters(ServiceSettings, params, "serve", settings, base)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    obey(chosen.index, chosen.state_folder, by=OPERATOR, copies=False)
    from mecelle.serving.app import create_app
    from mecelle.serving.workers import share_cores

    service = create_app(chosen)
    share_cores(chosen.limits.threads)
    console.print(f"http://{chosen.host}:{chosen.port}  (Ctrl-C ends it)", highlight=False)
    uvicorn.run(
        service,
        host=chosen.host,
        port=chosen.port,
        access_log=False,  # our own has no address and no question in it
        log_level="warning",
        server_header=False,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=15,
        limit_concurrency=1_000,
        h11_max_incomplete_event_size=32_768,
    )


@app.command()
@told
def token(
    name: Annotated[str, typer.Argument(help="Who it is for; stands in logs, so no person's name.")],
    tokens: Annotated[Path, typer.Option(help="File that keeps a hash of it.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="search, answer, embed, metrics, takedown; repeat it.")
    ] = None,
    last_day: Annotated[str | None, typer.Option(help="As 2027-12-31; without it, it does not end.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the token out: it is refused from now on.")] = False,
) -> None:
    """Make a token, and show it this once."""
    from mecelle.serving.tokens import add_token, remove_token

    if remove:
        remove_token(tokens, name)
        return
    sys.stdout.write(add_token(tokens, name, scope or ["search", "answer"], last_day=last_day) + "\n")


@app.command(cls=takes("mecelle.serving.settings:ServiceSettings"))
@told
def mcp(index: Index = WORKSPACE_INDEX, params: Params = None, settings: Settings = None) -> None:
    """Serve an index to an assistant on this machine, over standard input and output (Model Context Protocol)."""
    from mecelle.serving.mcp import make_server
    from mecelle.serving.service import Service
    from mecelle.serving.settings import ServiceSettings
    from mecelle.serving.takedowns import obey

    chosen = parameters(ServiceSettings, params, "serve", settings, ServiceSettings(index=index))
    obey(chosen.index, chosen.state_folder, by=OPERATOR, copies=False)
    make_server(Service(chosen)).run()


@app.command()
@told
def backup(
    out: Annotated[Path, typer.Argument(help="File to write, such as mecelle-2026-11-22.tar.zst.")],
    index: Index = WORKSPACE_INDEX,
    state: State = None,
) -> None:
    """Write index and logs into one file; the service may go on."""
    from mecelle.serving.backup import backup as run

    console.print(f"{out}: {run(index, _state(index, state), out):,} files")


@app.command()
@told
def restore(
    archive: Annotated[Path, typer.Argument(help="A file of `mecelle serve backup`.")],
    index: Annotated[Path, typer.Option(help="Where the index goes; must not exist.")],
    state: State = None,
) -> None:
    """Put the index of a backup in place, without what has been taken down since."""
    from mecelle.serving.backup import restore as run

    gone = run(archive, index, _state(index, state), by=OPERATOR)
    console.print(f"{index}: restored; {gone.documents:,} documents that were taken down since are out again")


@app.command()
@told
def audit(index: Index = WORKSPACE_INDEX, state: State = None) -> None:
    """Check that the audit log is whole."""
    from mecelle.serving.audit import verify

    console.print(f"{verify(_state(index, state)):,} rows; none was changed")


def _state(index: Path, state: Path | None) -> Path:
    from mecelle.serving.settings import ServiceSettings

    return ServiceSettings(index=index, state=state).state_folder


def _demo_index(folder: Path) -> Path:
    """The index that `make demo` made; else one of the sample's documents, by words alone, in a few seconds."""
    from mecelle.retrieval.config import IndexConfig
    from mecelle.retrieval.index import build
    from mecelle.retrieval.manifest import MANIFEST
    from mecelle.sample.generate import generate
    from mecelle.sample.records import SampleSize
    from mecelle.sample.write import write

    made, own, sample = folder / "workspace" / "artifacts" / "index", folder / "search" / "index", folder / "sample"
    if (made / MANIFEST).exists():
        return made
    if not (own / MANIFEST).exists():
        if not (sample / "documents").exists():
            write(generate(seed=7, size=SampleSize.named("demo")), sample, seed=7)
        build(sample / "documents", own, IndexConfig(mode="bm25"), sections=_demo_sections())
    return own


def _demo_sections() -> "SectionReader | None":
    """What tells the sections of decisions, where torch is there to run it."""
    if find_spec("torch") is None:
        return None
    from mecelle.recipes.sectioning import SectionsOfModel

    return SectionsOfModel()
