"""The order of sections that procedure law imposes, as what may follow what (`data/order.yaml`)."""

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mecelle.base.config import Config, parse, read_plain
from mecelle.segmentation.labels import LABELS, SECTIONS, Section

FORBIDDEN = -1e4
"""Log-cost of a transition that the law forbids: finite, so that no sum of costs is undefined."""


class _Allowed(Config):
    sections: tuple[Section, ...]
    why: str = Field(min_length=10)


class Order(Config):
    """Which section may stand first, and which may follow which; each may go on, and end the text."""

    first: _Allowed
    after: dict[Section, _Allowed]

    def start(self) -> NDArray[np.float32]:
        """Cost of each label at the first unit, shape (labels,): 0 or FORBIDDEN."""
        return _costs({0, *(LABELS.index(section) for section in self.first.sections)})

    def transitions(self) -> NDArray[np.float32]:
        """Cost of each label (column) after each (row), shape (labels, labels): 0 or FORBIDDEN.

        Text outside may stand anywhere, and any section after it.
        """
        rows = [_costs(set(range(len(LABELS))))]
        for section in SECTIONS:
            after = {LABELS.index(other) for other in self.after[section].sections}
            rows.append(_costs({0, LABELS.index(section), *after}))
        return np.stack(rows)


@cache
def order() -> Order:
    """The table as it is shipped."""
    text = files("mecelle.segmentation").joinpath("data", "order.yaml").read_text(encoding="utf-8")
    return parse(Order, read_plain(text), where="segmentation/data/order.yaml")


def _costs(allowed: set[int]) -> NDArray[np.float32]:
    return np.array([0.0 if label in allowed else FORBIDDEN for label in range(len(LABELS))], dtype=np.float32)
