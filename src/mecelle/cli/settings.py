"""Parameters on the command line: what `--set` takes, told by the help of each command; and named presets."""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from typer.core import TyperCommand

from mecelle.base.config import Config, nearest
from mecelle.base.errors import ConfigError
from mecelle.cli.common import console

C = TypeVar("C", bound=Config)

_LONGEST_VALUE = 60


class SettingsCommand(TyperCommand):
    """A command whose help ends with the fields of a class of parameters, which is imported for the help only."""

    place = ""
    """`module:Class` of the parameters."""

    def format_help(self, *args: Any) -> None:
        """The help as Typer has it, then a line for each key."""
        super().format_help(*args)
        module, _, name = self.place.partition(":")
        table = Table.grid(padding=(0, 2))
        for key, about in keys(getattr(importlib.import_module(module), name)):
            table.add_row(escape(key), escape(about))
        console.print(Panel(table, title="Keys of --set, with their defaults", title_align="left", border_style="dim"))


def takes(place: str) -> type[SettingsCommand]:
    """The class of a command whose `--set` takes the fields of `module:Class`."""
    return type("SettingsCommand", (SettingsCommand,), {"place": place})


def keys(model: type[BaseModel], prefix: str = "", section: BaseModel | None = None) -> Iterator[tuple[str, str]]:
    """`key=default` and the first sentence about it, of every field; the fields of a section as `section.key`.

    section: of `model`, where a default is given as a whole (a shape); its values are the defaults of its fields.
    """
    for name, field in model.model_fields.items():
        own = field.get_default(call_default_factory=True, validated_data={})
        default = getattr(section, name) if section else own
        if isinstance(default, BaseModel):
            yield from keys(type(default), f"{prefix}{name}.", default)
            continue
        about = " ".join((field.description or "").split()).split("; ")[0].split(". ")[0].rstrip(".")
        yield f"{prefix}{name}={_written(default)}", about


def apart(section: str, settings: Sequence[str] | None) -> tuple[list[str], list[str]]:
    """The settings of another stage's section, `section.key=value`, without its name; and the others."""
    start = f"{section}."
    theirs = [setting.removeprefix(start) for setting in settings or [] if setting.startswith(start)]
    return theirs, [setting for setting in settings or [] if not setting.startswith(start)]


def preset_of(presets: Mapping[str, C], name: str | None, params: Path | None, *, default: C) -> C:
    """The parameters that --preset names. Raises ConfigError for another name, or beside --params."""
    if name is None:
        return default
    if params:
        raise ConfigError("--preset and --params both say all parameters; give one of them, and --set for what differs")
    if name not in presets:
        raise ConfigError(f"--preset {name}: not known{nearest(name, list(presets))}")
    return presets[name]


def _written(value: Any) -> str:
    if value is PydanticUndefined:
        return "(required)"
    text = value if isinstance(value, str) else orjson.dumps(value, default=_plain).decode().replace('"', "")
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else str(value)
