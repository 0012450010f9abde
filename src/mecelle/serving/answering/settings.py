"""Parameters of answers."""

from pydantic import Field

from mecelle.base.config import Config


class AnswerSettings(Config):
    """How much evidence an answer needs, and how close its sentences must keep to it."""

    passages: int = Field(default=6, ge=1, le=20)
    """Passages that the model is given."""
    least_known_share: float = Field(default=0.4, ge=0.0, le=1.0)
    """Share of the question's content words, rare ones counting more, that the passages must hold together; under it
    nothing is asked of the model. 0.4 refuses 7% of answerable questions and 50% of foreign ones, 0.5 18% and 74%
    (benchmarks/serving_answers.py)."""
    least_support: float = Field(default=0.6, ge=0.0, le=1.0)
    """Share of a sentence's content words that three neighbouring sentences of its passages must hold."""
    most_withheld_share: float = Field(default=0.5, ge=0.0, le=1.0)
    """Share of withheld sentences from which the whole answer is refused: a model that errs so often is not believed
    where it was not caught."""
    output_tokens: int = Field(default=600, ge=16)
    """Most new tokens of the model."""
    temperature: float = Field(default=0.0, ge=0.0)
    """Of the model; 0 takes the likeliest token."""
