"""How much of a machine a finished training used: mean and median, as Mecellem Table 9 has them."""

from pathlib import Path
from statistics import fmean, median

from mecelle.base.collection import read_jsonl
from mecelle.base.config import Config
from mecelle.base.errors import InputError


class Speeds(Config):
    """Speed of a training, padding included."""

    tokens_per_second: float
    """Mean over the run, with checkpoints, evaluations and all else between steps."""
    median_tokens_per_second: float
    """Of the median step, with nothing between steps."""


class Utilisation(Speeds):
    """Speed of a training, and its share of the peak."""

    mean: float
    """Model FLOPs utilisation of `tokens_per_second`, 0..1."""
    median: float
    """Model FLOPs utilisation of `median_tokens_per_second`, 0..1."""


def read_speeds(path: Path) -> Speeds:
    """Speeds of a run from the `speed.jsonl` in its work folder; intervals of logs weigh alike.

    Raises InputError if the file has no row: the run did not reach its first log.
    """
    rows = list(read_jsonl(path)) if path.exists() else []
    if not rows:
        raise InputError(f"{path}: no speed in it; it is in the work folder of a run that has logged once or more")
    return Speeds(
        tokens_per_second=1 / fmean(1 / row["tokens_per_second"] for row in rows),
        median_tokens_per_second=median(row["step_tokens_per_second"] for row in rows),
    )


def utilisation(speeds: Speeds, *, flops_per_token: float, peak: float) -> Utilisation:
    """The same with their shares of the peak.

    flops_per_token: of training (`Flops.training`); peak: operations/s that the machine can do in the same arithmetic,
    measured (`matmul_peak`), as processors publish none. Source: PaLM, arXiv 2204.02311, app. B.
    """
    share = flops_per_token / peak
    return Utilisation(
        **speeds.model_dump(),
        mean=speeds.tokens_per_second * share,
        median=speeds.median_tokens_per_second * share,
    )
