"""How fast an encoder will train, and in what memory: measured here for small scales, counted for cards."""

from typing import Any

from pydantic import BaseModel

from mecelle.base.config import Config
from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.memory import memory
from mecelle.encoder.shapes import MECELLEM_LARGE
from mecelle.training.cards import A100, H100_64, H200, UTILISATION, Cluster


class Speed(BaseModel):
    """How fast an encoder or decoder trains, and in what memory."""

    tokens_per_second: float
    gib: float
    assumption: str


def cluster(recipe: str, scale: str, config: EncoderConfig) -> Cluster | None:
    """What a recipe's encoder is meant to be trained on: the paper's cards, one A100 for `gpu`, None for this machine.

    Mecellem Table 5: 64 H100 for base, 128 for large; HukukBERT §3.6: one H200.
    """
    if scale == "gpu":
        return Cluster(card=A100, cards=1)
    if scale != "paper":
        return None
    if recipe == "hukukbert":
        return Cluster(card=H200, cards=1)
    return Cluster(card=H100_64, cards=128 if config.shape == MECELLEM_LARGE else 64)


def speed(config: EncoderConfig, *, vocabulary: int, on: Cluster | None) -> Speed:
    """Tokens a second and memory of one process; without cards two batches are trained here, a few seconds."""
    from mecelle.encoder.estimate import estimate, flops

    if on is None:
        found = estimate(config, vocabulary=vocabulary)
        return Speed(
            tokens_per_second=found.tokens_per_second,
            gib=found.memory_gib,
            assumption="measured here just now, uncompiled",
        )
    return Speed(
        tokens_per_second=on.tokens_per_second(flops(config, vocabulary=vocabulary).training),
        gib=memory(config, vocabulary=vocabulary, precision="bf16").total,
        assumption=f"{on.cards} x {on.card.name} at {UTILISATION:.0%} of {on.card.flops / 1e12:.0f} TFLOP/s; "
        f"one card: {_fit(config, vocabulary, on)}",
    )


def encoder_configs(parameters: Any) -> dict[str, EncoderConfig]:
    """The sections of a recipe's parameters that train an encoder, by name: it is the section or stands in it."""
    return {
        name: one
        for name, section in parameters
        for one in (section, *(value for _, value in (section if isinstance(section, Config) else ())))
        if isinstance(one, EncoderConfig)
    }


def _fit(config: EncoderConfig, vocabulary: int, on: Cluster) -> str:
    """Whether the batch fits into one card, and what would make it fit."""

    def gib(rows: int = config.rows_per_batch, *, recompute: bool = config.recompute, shards: int = 1) -> float:
        tried = config.model_copy(update={"rows_per_batch": rows, "recompute": recompute})
        return memory(tried, vocabulary=vocabulary, precision="bf16", shards=shards).total

    if gib() <= on.card.gib:
        return f"{gib():.0f} of {on.card.gib:.0f} GiB"
    rows = max((rows for rows in range(config.rows_per_batch) if gib(rows) <= on.card.gib), default=0)
    again, sharded = gib(recompute=True), gib(recompute=True, shards=on.cards)
    return (
        f"{gib():.0f} GiB do not fit into {on.card.gib:.0f}; at most {rows} rows_per_batch, or {again:.0f} GiB with "
        f"`recompute: true`, {sharded:.0f} with `sharded: true` as well"
    )
