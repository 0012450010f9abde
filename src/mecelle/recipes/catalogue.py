"""The recipes by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mecelle.base.config import Config, nearest
from mecelle.base.errors import ConfigError
from mecelle.recipes.graph import Inputs, Stage
from mecelle.recipes.scale import SCALES, Scale
from mecelle.recipes.supply import Supply

OPTIONAL = frozenset({"general", "initial", "cloze", "heldout", "pairs", "nli", "sts", "qa", "ranking"})
"""Inputs that not every recipe takes."""


@dataclass(frozen=True)
class Recipe:
    """A whole run as a function of a scale, and of variants where the recipe has them."""

    title: str
    model: type[Config]
    """The typed parameters."""
    make: Callable[..., Config]
    stages: Callable[[Inputs], tuple[Stage, ...]]
    takes: frozenset[str] = frozenset()
    """Of `OPTIONAL`."""
    supply: Callable[..., Supply | None] = lambda scale: None
    """What the recipe reads where no data are given."""
    initial: Callable[..., str | None] = lambda scale: None
    """The model that training begins with where none is given."""
    trains_initial: bool = True
    """Whether general text takes that model's place: one is trained on it."""
    needs_data: bool = False
    """Whether pairs cannot take the place of documents."""
    begins_anew: bool = False
    """Whether a model is trained from the documents where none is given to begin with."""
    kind: str = "encoder"
    """What that model is, in words."""
    variants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Allowed values of each, the default first."""

    def recipe(self, scale: str, variants: Mapping[str, str] | None = None) -> Config:
        """The parameters of a scale. Raises ConfigError for a scale or a variant that there is not."""
        return self.make(self._scale(scale), **self._variants(variants or {}))

    def inputs(self, name: str, scale: str, given: Inputs, variants: Mapping[str, str]) -> tuple[Inputs, Supply | None]:
        """The inputs of a workspace: those that are given, or, where no data are, what the recipe brings.

        Raises ConfigError for an input that the recipe does not take, or lacks at this scale.
        """
        for one in sorted(OPTIONAL - self.takes):
            if getattr(given, one):
                raise ConfigError(f"--{one}: recipe '{name}' takes no such thing")
        supply = None if given.data else self.supply(self._scale(scale), **self._variants(variants))
        if supply:
            told = {one: value for one, value in given if value}
            given = supply.inputs.model_copy(update=told)
        if not given.data and (self.needs_data or not given.pairs):
            raise ConfigError(f"recipe '{name}' brings no data at scale {scale}: give documents with --data")
        if "initial" in self.takes and not given.initial and not (given.general and self.trains_initial):
            begin = self.initial(self._scale(scale), **self._variants(variants))
            given = given.model_copy(update={"initial": begin})
            if not given.initial and not given.general and not (self.begins_anew and given.data):
                text = "documents to train one from with --data" if self.begins_anew else "text for one with --general"
                raise ConfigError(f"recipe '{name}' adapts a general {self.kind}: give one with --initial, or {text}")
        return given.model_copy(update={"variants": dict(variants)}), supply

    def versions(self) -> dict[str, int]:
        """Version of the code of each stage that there can be."""
        some = Path("some")
        everything = Inputs(
            data=(some,), queries=some, heldout=some, cloze=some, general=(some,), nli=some, sts=some, qa=some,
            ranking=some,
        )  # fmt: skip
        # A model to begin with takes stages away in some recipes, and adds one in others.
        both = (everything, everything.model_copy(update={"initial": "some"}))
        chosen = [{}, *({name: value} for name, values in self.variants.items() for value in values)]
        every = (inputs.model_copy(update={"variants": variants}) for inputs in both for variants in chosen)
        return {stage.name: stage.version for inputs in every for stage in self.stages(inputs)}

    def _scale(self, scale: str) -> Scale:
        if scale not in SCALES:
            raise ConfigError(f"scale '{scale}' is not known{nearest(scale, list(SCALES))}")
        return scale

    def _variants(self, given: Mapping[str, str]) -> dict[str, str]:
        for name, value in given.items():
            if name not in self.variants:
                allowed = nearest(name, list(self.variants)) if self.variants else "; this recipe has none"
                raise ConfigError(f"variant '{name}' is not known{allowed}")
            if value not in self.variants[name]:
                raise ConfigError(f"{name} '{value}' is not known{nearest(value, list(self.variants[name]))}")
        return dict(given)


def _house() -> Recipe:
    from mecelle.recipes import house

    return Recipe(house.TITLE, house.House, house.recipe, house.stages)


def _hukukbert() -> Recipe:
    from mecelle.recipes import hukukbert

    return Recipe(
        hukukbert.TITLE,
        hukukbert.HukukBert,
        hukukbert.recipe,
        hukukbert.stages,
        takes=frozenset({"general", "initial", "cloze", "heldout", "pairs"}),
        supply=hukukbert.supply,
        initial=hukukbert.initial,
        needs_data=True,
    )


def _mecellem_encoder() -> Recipe:
    from mecelle.recipes import mecellem_encoder

    return Recipe(
        mecellem_encoder.TITLE,
        mecellem_encoder.MecellemEncoder,
        mecellem_encoder.recipe,
        mecellem_encoder.stages,
        takes=frozenset({"heldout", "pairs"}),
        supply=mecellem_encoder.supply,
        needs_data=True,
        variants=mecellem_encoder.VARIANTS,
    )


def _mecellem_decoder() -> Recipe:
    from mecelle.recipes import mecellem_decoder

    return Recipe(
        mecellem_decoder.TITLE,
        mecellem_decoder.MecellemDecoder,
        mecellem_decoder.recipe,
        mecellem_decoder.stages,
        takes=frozenset({"general", "initial"}),
        supply=mecellem_decoder.supply,
        initial=mecellem_decoder.initial,
        trains_initial=False,
        kind="decoder",
        variants=mecellem_decoder.VARIANTS,
    )


def _mecellem_embedding() -> Recipe:
    from mecelle.recipes import mecellem_embedding

    return Recipe(
        mecellem_embedding.TITLE,
        mecellem_embedding.MecellemEmbedding,
        mecellem_embedding.recipe,
        mecellem_embedding.stages,
        takes=frozenset({"initial", "pairs"}),
        supply=mecellem_embedding.supply,
        initial=mecellem_embedding.initial,
        begins_anew=True,
        variants=mecellem_embedding.VARIANTS,
    )


def _turkembed4retrieval() -> Recipe:
    from mecelle.recipes import turkembed4retrieval

    return Recipe(
        turkembed4retrieval.TITLE,
        turkembed4retrieval.TurkEmbed4Retrieval,
        turkembed4retrieval.recipe,
        turkembed4retrieval.stages,
        takes=frozenset({"initial", "pairs", "nli", "sts", "qa", "ranking"}),
        supply=turkembed4retrieval.supply,
        initial=turkembed4retrieval.initial,
        begins_anew=True,
        variants=turkembed4retrieval.VARIANTS,
    )


def _sections() -> Recipe:
    from mecelle.recipes import sections

    return Recipe(
        sections.TITLE,
        sections.Sections,
        sections.recipe,
        sections.stages,
        takes=frozenset({"general", "initial"}),
        supply=sections.supply,
        initial=sections.initial,
        begins_anew=True,
    )


RECIPES: dict[str, Callable[[], Recipe]] = {
    "house": _house,
    "hukukbert": _hukukbert,
    "mecellem-decoder": _mecellem_decoder,
    "mecellem-embedding": _mecellem_embedding,
    "mecellem-encoder": _mecellem_encoder,
    "sections": _sections,
    "turkembed4retrieval": _turkembed4retrieval,
}
"""Each is imported when it is asked for: what one of them needs must not slow the others."""


def find(name: str) -> Recipe:
    """The recipe called `name`. Raises ConfigError that offers the nearest name."""
    if name not in RECIPES:
        raise ConfigError(f"recipe '{name}' is not known{nearest(name, list(RECIPES))}")
    return RECIPES[name]()
