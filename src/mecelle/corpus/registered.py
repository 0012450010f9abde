"""Configuration of steps that a registry finds by name: `{"filter": "short_text.v1", "least_words": 8}`."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel

from mecelle.base.config import nearest, parse
from mecelle.base.errors import ConfigError
from mecelle.base.registry import Registry

M = TypeVar("M", bound=BaseModel)


def by_name(registry: Registry[type[M]], key: str) -> Callable[[Any], Any]:
    """A pydantic before-validator: the registered model that `value[key]` names, made from `value`.

    Its errors name the step and the nearest right key, which a union of all models could not.
    """

    def validate(value: Any) -> Any:
        if isinstance(value, BaseModel):
            return value
        if not isinstance(value, dict) or not isinstance(value.get(key), str):
            raise ConfigError(f"a {registry.kind} needs the key '{key}' with a name{nearest('', registry.names())}")
        return parse(registry.get(value[key]), value, where=value[key])

    return validate
