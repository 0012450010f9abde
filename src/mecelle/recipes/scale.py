"""The four scales of every recipe."""

from typing import Literal, get_args

Scale = Literal["smoke", "laptop", "gpu", "paper"]
"""smoke: under a minute, for tests and a first look. laptop: two cores, minutes to hours. gpu: one card. paper: the
papers' own numbers, on a cluster. A scale changes parameters, never code."""

SCALES: tuple[Scale, ...] = get_args(Scale)
DATA_WORKERS = 4
"""Of the trainer of each card. A core reads and masks 1,044 rows of 512 tokens a second by HukukBERT's mixture, and
3,837 by whole words; `check` expects 776 of one H200, which without workers would wait two fifths of its time."""
