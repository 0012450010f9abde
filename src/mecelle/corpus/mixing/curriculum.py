"""A curriculum: which text comes in which phase, after which steps, and what of a former phase comes again.

Source: Mecellem §3.2.1, §3.2.3, §3.4.5, §3.4.7.
"""

from typing import Self

from pydantic import Field, model_validator

from mecelle.base.config import Config
from mecelle.corpus.build import CorpusConfig
from mecelle.corpus.mixing.pages import PageMerge
from mecelle.corpus.mixing.size import Size
from mecelle.corpus.statistics.categories import FIELDS


class Replay(Config):
    """Text of a former phase that comes again. Source: Mecellem §3.4.5, replay buffer."""

    phase: str
    """Name of the former phase; what it trained on is drawn from, after its steps."""
    share: float = Field(gt=0.0, lt=1.0)
    """Of the budget of the phase that replays, 0..1."""
    sources: tuple[str, ...] = FIELDS
    """Categories that are replayed."""


class Phase(Config):
    """One phase of training."""

    name: str
    """Stands in the metadata of its documents."""
    budget: int = Field(gt=0)
    """New and replayed text, in the unit of the curriculum."""
    sources: dict[str, float] = Field(min_length=1)
    """Share of the new text by category, or by the first words of several; divided by their sum."""
    chain: CorpusConfig | None = None
    """Steps that the documents of its sources go through first; null takes them as they are."""
    pages: PageMerge | None = None
    """How pages of one thesis are merged after those steps; null leaves pages as they are."""
    replay: tuple[Replay, ...] = ()
    """What comes again."""
    most_copies: int = Field(default=1, ge=1)
    """Copies of one document at most; what the budget then lacks is reported."""

    @model_validator(mode="after")
    def _check_shares(self) -> Self:
        if min(self.sources.values()) <= 0.0:
            raise ValueError("the share of every source is above 0")
        if sum(one.share for one in self.replay) >= 1.0:
            raise ValueError("replay leaves no room for new text: its shares add up to 1 or more")
        return self


class Curriculum(Config):
    """Phases in the order of training."""

    size: Size = Size(by="tokens")
    """The unit of the budgets."""
    total: int | None = Field(default=None, gt=0)
    """What the budgets are scaled to, all together; null takes them as they stand."""
    phases: tuple[Phase, ...] = Field(min_length=1)
    """In order."""

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        names = [phase.name for phase in self.phases]
        if len(set(names)) < len(names):
            raise ValueError(f"phases {', '.join(names)}: each name may stand once")
        for place, phase in enumerate(self.phases):
            for replay in phase.replay:
                if replay.phase not in names[:place]:
                    raise ValueError(f"phase {phase.name} replays '{replay.phase}', which is none of those before it")
        return self

    def budget(self, phase: Phase) -> int:
        """The budget of a phase after scaling to `total`."""
        if self.total is None:
            return phase.budget
        return round(phase.budget * self.total / sum(one.budget for one in self.phases))
