"""The recipes by name."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mecelle.base.config import Config, nearest
from mecelle.base.errors import ConfigError
from mecelle.recipes import house
from mecelle.recipes.graph import Inputs, Stage
from mecelle.recipes.scale import SCALES, Scale


@dataclass(frozen=True)
class Recipe:
    """A whole run as a function of a scale."""

    title: str
    model: type[Config]
    """The typed parameters."""
    make: Callable[[Scale], Config]
    stages: Callable[[Inputs], tuple[Stage, ...]]

    def recipe(self, scale: str) -> Config:
        """The parameters of a scale. Raises ConfigError for a scale that there is not."""
        if scale not in SCALES:
            raise ConfigError(f"scale '{scale}' is not known{nearest(scale, list(SCALES))}")
        return self.make(scale)

    def versions(self) -> dict[str, int]:
        """Version of the code of each stage."""
        return {stage.name: stage.version for stage in self.stages(Inputs(data=(Path(),)))}


RECIPES = {"house": Recipe(house.TITLE, house.House, house.recipe, house.stages)}


def find(name: str) -> Recipe:
    """The recipe called `name`. Raises ConfigError that offers the nearest name."""
    if name not in RECIPES:
        raise ConfigError(f"recipe '{name}' is not known{nearest(name, list(RECIPES))}")
    return RECIPES[name]
