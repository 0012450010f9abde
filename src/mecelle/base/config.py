"""Strict configuration: unknown keys are refused, and the error names the file, the path in it and the nearest key."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

import orjson
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from rapidfuzz import process

from mecelle.base.errors import ConfigError

MOST_SHOWN = 100
"""Characters of a wrong value that an error repeats."""


class Config(BaseModel):
    """Base of all parameters: frozen, no unknown keys, no silent conversion of types, every default checked."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, validate_default=True, use_attribute_docstrings=True
    )


C = TypeVar("C", bound=BaseModel)


class _Yaml(yaml.SafeLoader):
    """YAML as DVC and people read it: `5e-4` is a number (YAML 1.2), which PyYAML takes for text."""


_Yaml.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?\d+(?:\.\d*)?[eE][-+]?\d+"), list("-+0123456789")
)


def read_plain(text: str) -> Any:
    """The value that a piece of YAML says: `5e-4`, `true`, `[64, 32]`. Raises ConfigError if it is not YAML."""
    try:
        return yaml.load(text, Loader=_Yaml)
    except yaml.YAMLError as error:
        raise ConfigError(f"not readable as YAML: {error}") from None


def nearest(word: str, allowed: list[str]) -> str:
    """`; did you mean 'x'?` if a close name exists, else nothing; then the list of what is allowed."""
    match = process.extractOne(word, allowed, score_cutoff=60.0)
    hint = f"; did you mean '{match[0]}'?" if match else "."
    return f"{hint} Allowed: {', '.join(sorted(allowed))}"


def parse(model: type[C], values: Any, *, where: str) -> C:
    """Validate `values` as `model`. where: what a person calls the place, such as `params.yaml`.

    Raises ConfigError that lists every fault with its path (`params.yaml: encoder.masking.rte: unknown key; did you
    mean 'rate'?`).
    """
    try:
        # JSON-mode values (lists for tuples, strings for enums and paths) are what YAML can say.
        return model.model_validate_json(_as_json(values))
    except ValidationError as error:
        lines = [_sentence(model, fault, where) for fault in error.errors()]
        raise ConfigError("\n".join(lines)) from None


def read_yaml(path: Path) -> Any:
    """The content of a YAML file. Raises ConfigError if it is absent or not YAML."""
    try:
        return read_plain(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not readable as YAML: {error}") from None
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def load(model: type[C], path: Path, *, section: str | None = None, over: Mapping[str, Any] | None = None) -> C:
    """Read `model` from a YAML file, or from one top-level section of it. over: values that go over what it says."""
    values = read_yaml(path) if section is None else read_section(path, section)
    where = str(path) if section is None else f"{path}: {section}"
    return parse(model, merged(values, over) if over and isinstance(values, dict | None) else values, where=where)


def read_section(path: Path, section: str) -> Any:
    """One top-level section of a YAML file, as it stands there. Raises ConfigError if there is none."""
    values = read_yaml(path)
    if not isinstance(values, dict) or section not in values:
        found = sorted(map(str, values)) if isinstance(values, dict) else []
        raise ConfigError(f"{path}: section '{section}' is missing{nearest(section, found) if found else ''}")
    return values[section]


def merged(values: Mapping[str, Any] | None, over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid over `values`, section by section."""
    found = dict(values or {})
    for name, value in over.items():
        before = found.get(name)
        found[name] = merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return found


def dump(model: BaseModel) -> dict[str, Any]:
    """Plain values (only what YAML and JSON can say) of a configuration, in the order of its fields."""
    return model.model_dump(mode="json")


def _as_json(values: Any) -> bytes:
    return orjson.dumps(values if values is not None else {}, default=str, option=orjson.OPT_NON_STR_KEYS)


def _sentence(model: type[BaseModel], fault: Any, where: str) -> str:
    place = ": ".join([where, *([".".join(map(str, fault["loc"]))] if fault["loc"] else [])])
    found = fault.get("input")
    if fault["type"] == "extra_forbidden":
        owner = _model_at(model, fault["loc"][:-1])
        allowed = list(owner.model_fields) if owner else []
        return f"{place}: unknown key{nearest(str(fault['loc'][-1]), allowed)}"
    if fault["type"] == "missing":
        return f"{place}: required, but missing"
    if fault["type"] == "value_error" and isinstance(found, dict):
        return f"{place}: {fault['ctx']['error']}"  # of a whole section, whose check names what it found
    shown = repr(found)
    return f"{place}: found {shown if len(shown) <= MOST_SHOWN else shown[:MOST_SHOWN] + ' ...'}; {fault['msg']}"


def _model_at(model: type[BaseModel], path: tuple[Any, ...]) -> type[BaseModel] | None:
    """The model that stands at `path` inside `model`; union tags and list indexes in the path are passed over."""
    current: type[BaseModel] | None = model
    for part in path:
        field = current.model_fields.get(part) if current and isinstance(part, str) else None
        if field is None:
            continue
        current = next((m for m in _models(field.annotation) if m), None)
    return current


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models(argument)]
