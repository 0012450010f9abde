"""A curriculum of training: the phases of a mixture, and how each of them is trained.

Source: Mecellem §3.4.5 to §3.4.7. What is mixed is said as in `corpus mix --curriculum`; a phase of
training only adds to it.
"""

from collections.abc import Sequence
from typing import Any, Self

from pydantic import Field, model_validator

from mecelle.base.config import Config, dump, nearest, parse
from mecelle.base.errors import ConfigError
from mecelle.corpus.mixing import curriculum as mixing
from mecelle.decoder.config import DecoderConfig

BEGINNING, BEFORE = "beginning", "before"
"""Where a phase may start, besides the name of a phase."""
TOGETHER = "together"
"""Name of the only training where all phases are one."""


class Settings(Config):
    """Parameters of `DecoderConfig` that a phase has of its own; null: those of the whole run."""

    tokens_per_step: int | None = Field(default=None, ge=16)
    """Tokens of one optimizer step (Table 8: a global batch of 400 or 800 rows of 4,096)."""
    rows_per_batch: int | None = Field(default=None, ge=1)
    """Rows that one process takes at once (Table 8: micro batch 2)."""
    learning_rate: float | None = Field(default=None, gt=0)
    """Peak."""
    warmup_share: float | None = Field(default=None, ge=0, le=1)
    """Share of the phase's steps over which the rate rises, 0..1."""

    def over(self, config: DecoderConfig, **more: Any) -> DecoderConfig:
        """`config` with these settings in it, and with `more`. Raises ConfigError if they do not fit together."""
        own = {name: value for name, value in self if value is not None}
        return parse(DecoderConfig, dump(config) | own | more, where="curriculum: training")


class Phase(mixing.Phase):
    """One phase: its text, and its training."""

    epochs: float = Field(default=1.0, gt=0)
    """Passes over the text of the budget: budget * epochs tokens are trained on, whatever could be drawn."""
    start: str = BEFORE
    """The checkpoint that it goes on from: `before`, the phase before it or, for the first, the model that is adapted;
    `beginning`, that model; or the name of a phase before it."""
    training: Settings = Settings()
    """What differs from the rest of the run."""


class Curriculum(mixing.Curriculum):
    """Phases in the order of training, or the same text all at once."""

    phases: tuple[Phase, ...] = Field(min_length=1)  # type: ignore[assignment]  # narrower, and frozen
    """In order."""
    together: bool = False
    """Whether the text of all phases is trained on as one, in one order: the rival, at the same text and tokens. What
    phases say of their training then has no effect."""
    restart: bool = True
    """Whether optimizer and schedule begin anew with each phase, as Mecellem's do. False: one schedule runs over all
    phases, so that only the first warms up, and the optimizer keeps its moments; each phase starts `before`."""
    only: tuple[str, ...] | None = None
    """Names of the phases that are trained, in their order; null: all. A phase that starts `before` goes on from the
    last one that was."""

    @model_validator(mode="after")
    def _check_starts(self) -> Self:
        names = [phase.name for phase in self.phases]
        for place, phase in enumerate(self.phases):
            if phase.start not in (BEGINNING, BEFORE, *names[:place]):
                raise ValueError(f"phase {phase.name} starts from '{phase.start}', which is none of those before it")
            if not self.restart and (phase.start != BEFORE or phase.training.warmup_share is not None):
                raise ValueError(
                    f"phase {phase.name}: has a start or warm-up of its own, which goes with `restart: true` alone"
                )
        for name in self.only or ():
            if name not in names:
                raise ValueError(f"only: phase '{name}' is not known{nearest(name, names)}")
        if self.only is not None and not self.only:
            raise ValueError("only: names no phase; null trains all of them")
        return self

    def mixture(self) -> mixing.Curriculum:
        """What is mixed, without how it is trained: two curricula that share it share their text."""
        values = dump(self)
        text = {name: values[name] for name in mixing.Curriculum.model_fields}
        text["phases"] = [{name: one[name] for name in mixing.Phase.model_fields} for one in text["phases"]]
        return parse(mixing.Curriculum, text, where="curriculum")

    def trained(self) -> tuple[Phase, ...]:
        """The phases that are trained, in order."""
        return tuple(phase for phase in self.phases if self.only is None or phase.name in self.only)

    def tokens(self, phase: Phase) -> int:
        """Tokens that a phase is trained on."""
        return round(self.budget(phase) * phase.epochs)

    def start_of(self, phase: Phase) -> str | None:
        """Name of the phase whose checkpoint this one goes on from; None for the model that is adapted.

        Raises ConfigError if that phase is not trained.
        """
        names = [one.name for one in self.trained()]
        if phase.start == BEFORE:
            place = names.index(phase.name)
            return names[place - 1] if place else None
        if phase.start == BEGINNING:
            return None
        if phase.start not in names:
            raise ConfigError(f"phase {phase.name} starts from {phase.start}, which `only` leaves out; name it there")
        return phase.start


def configs(curriculum: Curriculum, config: DecoderConfig) -> dict[str, DecoderConfig]:
    """The parameters of each training by its name, in order. Raises ConfigError if some do not fit together."""
    trained = curriculum.trained()
    if curriculum.together:
        return {TOGETHER: Settings().over(config, budget_tokens=sum(map(curriculum.tokens, trained)))}
    made, before, whole = {}, 0, sum(map(curriculum.tokens, trained))
    for one in trained:
        own: dict[str, Any] = {"budget_tokens": curriculum.tokens(one)}
        if not curriculum.restart:
            own["stretch"] = {"before": before, "whole": whole}
        made[one.name] = one.training.over(config, **own)
        before += curriculum.tokens(one)
    return made


def starts(curriculum: Curriculum) -> dict[str, str | None]:
    """Training -> the one that it goes on from; None for the model that is adapted. Raises what `start_of` raises."""
    if curriculum.together:
        return {TOGETHER: None}
    return {one.name: curriculum.start_of(one) for one in curriculum.trained()}


def choose(curriculum: Curriculum, phases: Sequence[str]) -> Curriculum:
    """The curriculum with `only` these phases, by name or by number from 1. Raises ConfigError for another."""
    names = [phase.name for phase in curriculum.phases]
    chosen = []
    for one in map(str.strip, phases):
        number = int(one) if one.isdecimal() else 0
        if one not in names and not 1 <= number <= len(names):
            raise ConfigError(f"phase '{one}': neither a name nor a number from 1 to {len(names)}{nearest(one, names)}")
        chosen.append(one if one in names else names[number - 1])
    return parse(Curriculum, dump(curriculum) | {"only": chosen}, where="phases")
