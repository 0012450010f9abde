"""Where a run lies in a longer training."""

from typing import Self

from pydantic import Field, model_validator

from mecelle.base.config import Config


class Stretch(Config):
    """Where a run lies in a longer training."""

    before: int = Field(ge=0)
    """Tokens that were trained on before it, padding included; 0: it is the first, and its optimizer is new."""
    whole: int = Field(ge=1)
    """Tokens of the longer training."""

    @model_validator(mode="after")
    def _lies_within(self) -> Self:
        if self.before >= self.whole:
            raise ValueError(f"stretch: begins after {self.before:,} of {self.whole:,} tokens, where nothing is left")
        return self

    def steps(self, tokens_per_step: int) -> tuple[int, int]:
        """Steps of that size before this stretch, and in the longer training. It may end a step late, as budgets do."""
        before = round(self.before / tokens_per_step)
        return before, max(before + 1, -(-self.whole // tokens_per_step))
