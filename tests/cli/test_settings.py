"""What `--set` takes stands in the help of every command that has it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from mecelle.base.config import Config
from mecelle.base.errors import ConfigError
from mecelle.cli.main import app
from mecelle.cli.settings import SettingsCommand, apart, keys, preset_of


class Inner(Config):
    """A section."""

    depth: int = 2
    """Layers. More are slower."""


class Shape(Config):
    """A section without defaults of its own."""

    width: int
    """Components."""


class Outer(Config):
    """Parameters."""

    name: str
    """What it is called."""
    inner: Inner = Inner()
    """A section."""
    rates: tuple[float, ...] = (0.1, 0.2)
    """Tried in order; the best wins."""
    shape: Shape = Shape(width=384)
    """Given as a whole."""


def test_keys_have_defaults_and_the_first_sentence() -> None:
    assert list(keys(Outer)) == [
        ("name=(required)", "What it is called"),
        ("inner.depth=2", "Layers"),
        ("rates=[0.1,0.2]", "Tried in order"),
        ("shape.width=384", "Components"),
    ]


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


WITH_SETTINGS = {
    name: command
    for name, command in commands(get_command(app))
    if any(parameter.name == "settings" for parameter in command.params)
}


@pytest.mark.parametrize("name", sorted(WITH_SETTINGS))
def test_every_command_with_settings_names_them(name: str) -> None:
    command = WITH_SETTINGS[name]
    assert isinstance(command, SettingsCommand), f"{name}: @app.command(cls=takes('module:Class')) is missing"
    assert ":" in command.place


def test_the_help_shows_them(mecelle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    told = mecelle("corpus", "extract", "--help").stdout
    assert "text_fields=[text]" in told
    assert "max_file_mib=512" in told


def test_presets() -> None:
    presets = {"small": Inner(depth=1)}
    assert preset_of(presets, None, None, default=Inner()).depth == 2
    assert preset_of(presets, "small", None, default=Inner()).depth == 1
    with pytest.raises(ConfigError, match="did you mean 'small'"):
        preset_of(presets, "smal", None, default=Inner())
    with pytest.raises(ConfigError, match="--preset and --params"):
        preset_of(presets, "small", Path("params.yaml"), default=Inner())


def test_settings_of_another_section() -> None:
    assert apart("extract", ["extract.kind=web", "seed=1"]) == (["kind=web"], ["seed=1"])
    assert apart("extract", None) == ([], [])
