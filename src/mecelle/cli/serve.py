"""`mecelle serve` and what an operator needs beside it: tokens, backups, the audit log, the MCP server."""

import errno
import logging
import socket
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mecelle.base.errors import ConfigError
from mecelle.cli.common import Params, Settings, console, errors, parameters, served, told
from mecelle.cli.index import check_threads
from mecelle.cli.settings import takes

if TYPE_CHECKING:
    from mecelle.retrieval.sections import SectionReader
    from mecelle.serving.settings import ServiceSettings

app = typer.Typer(help="Serve an index: interface, page, MCP tools.")

WORKSPACE_INDEX = Path("artifacts/index")
DEMO = Path("demo")
OPERATOR = "operator"
"""Who stands in the audit log for what is done on the machine itself."""

Index = Annotated[Path, typer.Option(help="An index of `mecelle index build`.")]
Served = Annotated[
    Path | None, typer.Option(help=f"An index of `mecelle index build`; else that of --params, else {WORKSPACE_INDEX}.")
]
State = Annotated[
    Path | None, typer.Option(help="Folder of audit log and takedowns; by default `service` beside the index.")
]


@app.callback(invoke_without_command=True)
@told
def serve(
    context: typer.Context,
    index: Served = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on, else 127.0.0.1; others than loopback need --tokens.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on, else 8000; 0: any free one.")] = None,
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
    from mecelle.base.errors import require
    from mecelle.serving.settings import ServiceSettings

    uvicorn = require("uvicorn", extra="serve", why="Serving")
    given = _given(index=_demo_index(DEMO) if demo else index, host=host, port=port, tokens=tokens)
    if endpoint:
        model = served(endpoint, option="--endpoint", allowed="MODEL@URL, such as gemma@http://localhost:8080/v1")
        # A person waits: one more try, and soon.
        given["endpoint"] = {**model, "timeout_seconds": 45.0, "retries": 1, "longest_wait_seconds": 3.0}
    default = ServiceSettings(index=WORKSPACE_INDEX)
    chosen = parameters(ServiceSettings, params, "serve", settings, default, options=given)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    check_threads()
    with _bound(chosen.host, chosen.port) as listening:  # before models are loaded, which may take a minute
        _obey(chosen)
        from mecelle.serving.app import create_app
        from mecelle.serving.workers import share_cores

        service = create_app(chosen)
        share_cores(chosen.limits.threads)
        server = uvicorn.Server(
            uvicorn.Config(
                service,
                host=chosen.host,
                port=chosen.port,
                workers=1,  # else WEB_CONCURRENCY of the environment is read, and one process serves in any case
                access_log=False,  # our own has no address and no question in it
                log_level="warning",
                server_header=False,
                timeout_keep_alive=10,
                timeout_graceful_shutdown=15,
                limit_concurrency=1_000,
                h11_max_incomplete_event_size=32_768,
            )
        )
        name = f"[{chosen.host}]" if ":" in chosen.host else chosen.host
        free = listening.getsockname()[1]  # what port 0 became
        console.print(f"http://{name}:{free}  (Ctrl-C ends it)", highlight=False)
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listening])
    if not server.started:
        raise typer.Exit(1)


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
def mcp(index: Served = None, params: Params = None, settings: Settings = None) -> None:
    """Serve an index to an assistant on this machine, over standard input and output (Model Context Protocol)."""
    from mecelle.serving.mcp import make_server
    from mecelle.serving.service import Service
    from mecelle.serving.settings import ServiceSettings

    default = ServiceSettings(index=WORKSPACE_INDEX)
    chosen = parameters(ServiceSettings, params, "serve", settings, default, options=_given(index=index))
    check_threads()
    _obey(chosen)
    make_server(Service(chosen)).run()


@app.command()
@told
def takedown(
    document: Annotated[str, typer.Argument(help="Id of the document, as a search gives it.")],
    index: Index = WORKSPACE_INDEX,
    reason: Annotated[str, typer.Option(help="Why, for the log; name nobody in it.")] = "",
    state: State = None,
) -> None:
    """Take a document and its copies out of an index, now and in later builds; the service may go on."""
    from mecelle.base.errors import InputError
    from mecelle.retrieval.search import Searcher
    from mecelle.serving.takedowns import take_down

    with Searcher(index) as searcher:
        found = searcher.document(document)
    if found is None:
        raise InputError(f"{index}: holds no document '{document}'; `mecelle search` and the page give the ids")
    done = take_down(index, _state(index, state), found, reason, OPERATOR)
    console.print(
        f"{found.citation}: {len(done.document_ids):,} documents are out; takedown {done.number} of the log",
        soft_wrap=True,
    )


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
    """Check that the audit log is whole, and that it and the log of takedowns tell of the same ones."""
    from mecelle.serving.log_check import check_logs

    folder = _state(index, state)
    console.print(f"{folder}: {check_logs(folder).sentence()}", soft_wrap=True)


def _bound(host: str, port: int) -> socket.socket:
    """A socket of this address. Raises ConfigError if it is in use, not allowed, or not of this machine."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise ConfigError(_not_bound(host, port, error)) from None
    return listening


def _not_bound(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use by another program: end that, or give another --port (0: any free one)"
    if error.errno == errno.EACCES:
        return f"port {port} of {host}: ports below 1024 need rights of the system; give one above, such as --port 8000"
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return f"host {host}: no address of this machine; give --host 127.0.0.1, or 0.0.0.0 for all that it has"
    return f"port {port} of {host}: cannot be listened on: {error}"


def _given(**options: Path | str | int | None) -> dict[str, Any]:
    """The options that were given, as a file of parameters would say them."""
    return {
        name: str(value) if isinstance(value, Path) else value for name, value in options.items() if value is not None
    }


def _obey(settings: "ServiceSettings") -> None:
    """Delete what was logged before a kill; while the index is being written, the service hides it instead."""
    from mecelle.base.errors import LockedError
    from mecelle.serving.takedowns import obey

    try:
        obey(settings.index, settings.state_folder, by=OPERATOR, copies=False)
    except LockedError as error:
        errors.print(f"{error}. Until then nothing that was taken down is found", markup=False, soft_wrap=True)


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
