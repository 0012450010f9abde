"""Mecellem's composite "production efficiency" (A.3.1, Table 25), over the models that are given.

The published scores cannot be remade from the text: they are normalised over 25 models that are not listed, and the
text does not say how. But the ten printed rows follow one rule to within .03 points: every quantity divided by its
largest value (4,022M parameters and 40,960 tokens fit, those of Qwen3-4B), length as a bonus and dimension as a penalty
in proportion instead of by threshold, and all scores divided by the best one. So there are two readings.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import InputError

Reading = Literal["described", "printed"]
"""described: bonus or penalty of 5% by the thresholds of the text. printed: in proportion, as Table 25 is."""

_LENGTH_BONUS_ABOVE, _DIMENSION_PENALTY_FROM = 512, 2_048


@dataclass(frozen=True)
class Facts:
    """What the formula knows of a model; scores in any unit that is the same for all."""

    legal: float
    retrieval: float
    max_length: float
    """Tokens."""
    parameters: float
    dimension: float
    seconds_per_100: float
    """To insert 100 vectors, embedding them not counted."""


def production_scores(models: Sequence[Facts], *, reading: Reading) -> NDArray[np.float64]:
    """Scores of the models, the best of them 100, shape (len(models),). One score alone says nothing.

    40% retrieval + 40% legal - 5% parameters - 5% ingest, each as a share of the largest of the models, + or - 5% each
    for length and dimension.
    Raises InputError unless every fact is above 0.
    """
    if not models:
        raise InputError("no model is given; production efficiency compares models")
    table = np.array([astuple(model) for model in models], dtype=np.float64)
    if not (table > 0).all():
        raise InputError("production efficiency divides by the largest of each fact: all of them must be above 0")
    legal, retrieval, length, parameters, dimension, seconds = (table / table.max(axis=0)).T
    if reading == "described":
        length = np.where(table[:, 2] > _LENGTH_BONUS_ABOVE, 1.0, -1.0)
        dimension = np.where(table[:, 4] >= _DIMENSION_PENALTY_FROM, 1.0, -1.0)
    raw = 0.4 * retrieval + 0.4 * legal + 0.05 * (length - parameters - seconds - dimension)
    return np.asarray(100 * raw / raw.max(), dtype=np.float64)
