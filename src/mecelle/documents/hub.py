"""`hub:owner/name` on a command line: the small file that describes the dataset, for the time of the command."""

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import yaml

from mecelle.base.config import dump, parse, read_plain
from mecelle.base.errors import ConfigError
from mecelle.documents.readers.hub import SUFFIX, HubDataset

PREFIX = "hub:"


@contextmanager
def described(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """`paths` with a `.hub.yaml` file in the place of each `hub:owner/name[,config=…][,split=…][,revision=…][,rows=…]`.

    Raises ConfigError for an unknown key.
    """
    with tempfile.TemporaryDirectory(prefix="mecelle-hub-") as place:
        yield [_described(str(path), Path(place)) if is_hub(path) else path for path in paths]


def is_hub(path: Path) -> bool:
    """Whether a path of the command line names a dataset of the hub."""
    return str(path).startswith(PREFIX) and not path.exists()


def _described(name: str, place: Path) -> Path:
    dataset, *settings = name.removeprefix(PREFIX).split(",")
    values: dict[str, object] = {"dataset": dataset}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise ConfigError(f"{name}: '{setting}' is no key=value, such as split=train")
        values[key] = read_plain(value) if key == "rows" else value
    wanted = parse(HubDataset, values, where=name)
    path = place / (re.sub(r"[^\w.=-]+", "-", name.removeprefix(PREFIX)).strip("-") + SUFFIX)
    path.write_text(yaml.safe_dump(dump(wanted)), encoding="utf-8")
    return path
