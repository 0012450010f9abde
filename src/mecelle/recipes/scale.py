"""The four scales of every recipe."""

from typing import Literal, get_args

Scale = Literal["smoke", "laptop", "gpu", "paper"]
"""smoke: under a minute, for tests and a first look. laptop: two cores, minutes to hours. gpu: one card. paper: the
papers' own numbers, on a cluster. A scale changes parameters, never code."""

SCALES: tuple[Scale, ...] = get_args(Scale)
