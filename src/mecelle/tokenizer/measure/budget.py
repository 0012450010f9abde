"""What a vocabulary costs in parameters, and how evenly a text uses it."""

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

WIDTHS = (768,)
BASE_BODY = 86_000_000
"""Parameters of BERT-base (110 M) without its word embeddings (30,522 x 768)."""

RENYI_ORDER = 2.5
"""The order that agreed best with translation quality in Zouhar et al. 2023."""


class Embedding(BaseModel):
    """Word embeddings of one width, tied to the output layer."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    width: int
    parameters: int
    share: float
    """Of a model with these embeddings and the body of BERT-base, 0..1."""


def embedding(vocabulary: int, width: int) -> Embedding:
    """The embeddings of so many tokens."""
    parameters = vocabulary * width
    return Embedding(width=width, parameters=parameters, share=parameters / (parameters + BASE_BODY))


def renyi_efficiency(used: NDArray[np.int64], *, order: float = RENYI_ORDER) -> float:
    """Rényi entropy of a text's tokens divided by the logarithm of the vocabulary, 0..1 (Zouhar et al. 2023).

    used: how often each id came; 0 when fewer than two ids are in use. 1 means that all are used equally often; a few
    frequent tokens weigh more than many rare ones, since the order is above 1.
    """
    shares = used[used > 0] / max(used.sum(), 1)
    if len(shares) < 2:
        return 0.0
    return float(np.log((shares**order).sum()) / (1 - order) / np.log(len(used)))
