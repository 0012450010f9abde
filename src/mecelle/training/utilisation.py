"""How much of a machine a finished training used: mean and median, as Mecellem Table 9 has them."""

from pathlib import Path
from statistics import fmean, median

from mecelle.base.collection import read_jsonl
from mecelle.base.config import Config
from mecelle.base.errors import InputError


class Utilisation(Config):
    """Speed of a training, and its share of the peak."""

    tokens_per_second: float
    """Mean over the run, with checkpoints, evaluations and all else between steps."""
    mean: float
    """Model FLOPs utilisation of that, 0..1."""
    median_tokens_per_second: float
    """Of the median step, with nothing between steps."""
    median: float
    """Model FLOPs utilisation of that, 0..1."""


def read_utilisation(speed: Path, *, flops_per_token: float, peak: float) -> Utilisation:
    """Utilisation of a run from the `speed.jsonl` in its work folder; intervals of logs weigh alike.

    flops_per_token: of training (`Flops.training`); peak: operations/s that the machine can do in the same arithmetic.
    Raises InputError if the file has no row: the run did not reach its first log.
    """
    rows = list(read_jsonl(speed)) if speed.exists() else []
    if not rows:
        raise InputError(f"{speed}: no speed in it; it is in the work folder of a run that has logged once or more")
    mean_speed = 1 / fmean(1 / row["tokens_per_second"] for row in rows)
    median_speed = median(row["step_tokens_per_second"] for row in rows)
    return Utilisation(
        tokens_per_second=mean_speed,
        mean=mean_speed * flops_per_token / peak,
        median_tokens_per_second=median_speed,
        median=median_speed * flops_per_token / peak,
    )
