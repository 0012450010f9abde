"""What every command shares: how errors end, how results are told, where parameters come from."""

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

import orjson
import typer
from rich.console import Console
from rich.markup import escape

from mecelle.base import artifacts, config
from mecelle.base.errors import ConfigError, Interrupted, MecelleError
from mecelle.base.locks import INTERRUPTED_NOTE
from mecelle.base.naming import name_and_place

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
C = TypeVar("C", bound=config.Config)

USER_ERROR = 2
DEFAULT_SEED = 7
INTERRUPTED = "Interrupted. The same command goes on from where it stopped; a stage without checkpoints begins anew."

Out = Annotated[Path, typer.Option(help="Folder of the result; it is replaced as a whole when all is well.")]
Seed = Annotated[
    int | None, typer.Option(help="Everything random follows from it; by default the seed of --params, else 7.")
]
Params = Annotated[
    Path | None,
    typer.Option(help="A params.yaml whose section of this stage is obeyed; params.yaml:NAME takes another section."),
]
Settings = Annotated[list[str] | None, typer.Option("--set", help="key=value over the parameters; may be repeated.")]
Device = Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1, mps; none: a GPU if there is one.")]

console = Console()
errors = Console(stderr=True)


def told(command: Callable[P, R]) -> Callable[P, R]:
    """Ends a command with a clear message and an exit code other than 0 where the user can mend the fault."""

    @wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except MecelleError as error:
            errors.print(f"[bold red]{type(error).__name__}[/]: ", end="")
            errors.print(str(error), markup=False, highlight=False, soft_wrap=True)
            raise typer.Exit(USER_ERROR) from None
        except (OSError, EOFError) as error:  # a broken archive, a folder without permission
            errors.print(f"[bold red]{type(error).__name__}[/]: ", end="")
            errors.print(f"{error}. Is the path right, and may it be read and written?", markup=False, soft_wrap=True)
            raise typer.Exit(USER_ERROR) from None
        except KeyboardInterrupt as asked:
            errors.print(str(asked) or INTERRUPTED, markup=False, highlight=False, soft_wrap=True)
            if INTERRUPTED_NOTE in os.environ:
                Path(os.environ[INTERRUPTED_NOTE]).touch()
            number = asked.number if isinstance(asked, Interrupted) else signal.SIGINT
            raise typer.Exit(128 + number) from None

    return wrapper


def finish(out: Path, **more: Any) -> None:
    """The last word of a stage: a sentence on a terminal, one JSON line when piped."""
    record = artifacts.read_record(out)
    summary: dict[str, Any] = {"out": str(out), **more}
    if record:
        summary |= {"stage": record.stage, "seconds": record.seconds, "peak_gib": record.peak_gib}
        if record.accounts:
            summary |= {"accounts": record.accounts.model_dump()}
    if not sys.stdout.isatty():
        sys.stdout.write(orjson.dumps(summary, default=str).decode() + "\n")
        return
    counted = f" {record.accounts.sentence()}" if record and record.accounts else ""
    took = f" in {record.seconds:,.1f} s, {record.peak_gib:.1f} GiB" if record else ""
    console.print(f"[bold]{escape(str(out))}[/]{took}.{counted}", soft_wrap=True)


def parameters(
    model: type[C],
    path: Path | None,
    section: str,
    settings: Sequence[str] | None,
    default: C,
    *,
    options: Mapping[str, Any] | None = None,
) -> C:
    """The parameters of one stage: a section of `path`, or `default`, then `--set key=value` over it.

    options: values of the command's own options that were given, which go over the section and under `--set`.
    Raises ConfigError if a setting is no `key=value` or names an unknown key.
    """
    base, over = default, options or {}
    if path:
        file, named = _file_and_section(path)
        base = config.load(model, file, section=named or section, over=over)
    if not settings and not over:
        return base
    values = config.merged(config.dump(base), over)
    for setting in settings or ():
        key, equals, text = setting.partition("=")
        if not equals:
            raise ConfigError(f"--set {setting}: expected key=value, such as --set seed=7")
        _assign(values, key.split("."), _plain(text, where=f"--set {setting}"), where=f"--set {key}")
    return config.parse(model, values, where="the options" if over else "--set")


def laid_over(default: C, path: Path | None, section: str) -> C:
    """`default` with the keys of a section of `path` over it; a section need not be whole. None: as it is.

    Raises ConfigError for a missing section and for a key that `default` has not.
    """
    if path is None:
        return default
    file, named = _file_and_section(path)
    name = named or section
    values, where = config.read_section(file, name), f"{file}: {name}"
    if not isinstance(values, dict | None):
        raise ConfigError(f"{where}: found a {type(values).__name__}; expected keys with their values")
    return config.parse(type(default), config.merged(config.dump(default), values or {}), where=where)


def served(text: str, *, option: str, allowed: str) -> dict[str, str]:
    """Model and URL of `MODEL@URL`. Raises ConfigError that says what `option` takes (`allowed`)."""
    model, at, url = text.partition("@")
    if not at:
        raise ConfigError(f"{option} {text}: expected {allowed}")
    return {"model": model, "url": url}


def named(text: str, what: str) -> tuple[str, str]:
    """Name and place of `name=place`. Raises ConfigError that says what `what` is."""
    name, place = name_and_place(text)
    if not name:
        raise ConfigError(f"{what} {text}: expected name=folder, such as sts=artifacts/sts")
    return name, place


def apart(models: Sequence[tuple[str, T]]) -> dict[str, T]:
    """Models by name. Raises ConfigError for a name that stands twice, of which one would be lost."""
    found: dict[str, T] = {}
    for name, place in models:
        if name in found:
            raise ConfigError(
                f"model '{name}' stands twice; call one of them otherwise, as in mine=artifacts/embedding"
            )
        found[name] = place
    return found


def _file_and_section(path: Path) -> tuple[Path, str]:
    """`params.yaml:general_encoder` is a file and a section of it; a file alone names none."""
    file, colon, section = str(path).rpartition(":")
    return (Path(file), section) if colon and not path.exists() else (path, "")


def _assign(values: dict[str, Any], path: list[str], value: Any, *, where: str) -> None:
    *parents, last = path
    for name in parents:
        if not isinstance(values.get(name), dict):
            raise ConfigError(f"{where}: no section '{name}'{config.nearest(name, list(values))}")
        values = values[name]
    if last not in values:
        raise ConfigError(f"{where}: unknown key '{last}'{config.nearest(last, list(values))}")
    values[last] = value


def _plain(text: str, *, where: str) -> Any:
    try:
        return config.read_plain(text)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None


def ensure_allocator(settings: dict[str, str]) -> None:
    """Start this process again with the allocator settings if they are missing: glibc reads them at the start only."""
    if sys.platform == "linux" and not all(name in os.environ for name in settings):
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**settings, **os.environ})


def seed_of(seed: int | None, params: Path | None) -> int:
    """The seed that was given, else that of params.yaml, else 7. Raises ConfigError for one that is no whole number."""
    if seed is not None:
        return seed
    values = config.read_yaml(_file_and_section(params)[0]) if params else {}
    found = values.get("seed", DEFAULT_SEED) if isinstance(values, dict) else DEFAULT_SEED
    if type(found) is not int:
        raise ConfigError(f"{params}: seed: found {found!r}; expected a whole number, such as seed: {DEFAULT_SEED}")
    return found
