"""What a decoder's phases will take: tokens, time, memory and money, counted for cards and measured on this machine."""

from functools import cache
from typing import Any

from pydantic import BaseModel

from mecelle.decoder.config import DecoderConfig
from mecelle.decoder.curriculum.plan import Curriculum, configs
from mecelle.decoder.shapes import QWEN3_1_7B, QWEN3_4B, QWEN3_VOCABULARY
from mecelle.recipes.encoder_check import Speed
from mecelle.training.cards import A100, H100_64, Card

UTILISATION = 0.205 * 11.73 / 10.32
"""Share of a card's peak, .233: the median of Mecellem's four phases is 20.3% to 20.7% (Table 9), by 6 operations a
parameter, 10.32 GFLOP a token of the 1.7B; by our count, with attention, the same speed takes 11.73."""
PAPER_CARDS = (200, 200, 400, 200)
"""Of the four phases (Table 9)."""
PAPER_CARDS_SINGLE = 400
DOLLARS_PER_CARD_HOUR = {A100.name: 1.49, H100_64.name: 2.69}
"""On-demand prices of the cards with 80 GB that jarvislabs.ai/blog/h100-vs-a100 gives for April 2026 (there $1.49 and
$2.69); other lists have half and twice as much, so give your own."""


class Take(BaseModel):
    """What the phases of one stage take together."""

    tokens: int
    steps: int
    phases: int
    seconds: float
    gib: float
    dollars: float | None
    """None where no card is rented."""
    assumption: str


def decoder_stage(parameters: Any, stage: str) -> tuple[DecoderConfig, Curriculum | None] | None:
    """Training parameters of a stage that trains a decoder, and phases if it has several; None for another stage."""
    config = getattr(parameters, stage, None)
    curriculum = getattr(parameters, stage.replace("decoder", "curriculum"), None)
    return (config, curriculum) if isinstance(config, DecoderConfig) else None


def vocabulary_of(config: DecoderConfig, *, trained: int) -> int:
    """Rows of the embedding: Qwen3's, or those of the tokenizer that the workspace trains."""
    return QWEN3_VOCABULARY if config.shape in (QWEN3_1_7B, QWEN3_4B) else trained


def take(
    config: DecoderConfig,
    curriculum: Curriculum | None,
    *,
    vocabulary: int,
    scale: str,
    dollars_per_card_hour: float | None,
) -> Take:
    """Estimate all phases of a stage. On this machine (smoke, laptop) a few batches are trained to measure its speed.

    dollars_per_card_hour: None takes `DOLLARS_PER_CARD_HOUR`.
    """
    phases = list(configs(curriculum, config).values()) if curriculum else [config]
    tokens, steps = sum(one.budget_tokens for one in phases), sum(one.steps for one in phases)
    card = {"gpu": A100, "paper": H100_64}.get(scale)
    if card is None:
        return _here(phases, tokens, steps, vocabulary)
    from mecelle.decoder.memory import memory

    cards = _cards(len(phases), scale)
    speeds = [number * _tokens_per_second(card, one, vocabulary) for one, number in zip(phases, cards, strict=True)]
    times = [one.budget_tokens / speed for one, speed in zip(phases, speeds, strict=True)]
    price = DOLLARS_PER_CARD_HOUR[card.name] if dollars_per_card_hour is None else dollars_per_card_hour
    hours = sum(seconds * number for seconds, number in zip(times, cards, strict=True)) / 3_600
    gib = max(memory(one, vocabulary=vocabulary, precision="bf16").total for one in phases)
    return Take(
        tokens=tokens, steps=steps, phases=len(phases), seconds=sum(times), gib=gib, dollars=hours * price,
        assumption=f"{'/'.join(map(str, cards))} x {card.name} at {UTILISATION:.1%} of {card.flops / 1e12:.0f} TFLOP/s "
        f"(Mecellem Table 9, with attention): {tokens / sum(times):,.0f} tokens a second, {hours:,.0f} card hours of "
        f"${price:g}; {gib:.0f} of {card.gib:.0f} GiB a card, without sharding",
    )  # fmt: skip


@cache
def _measured(settings: str, vocabulary: int) -> Speed:
    from mecelle.decoder.estimate import measure_speed, memory_gib

    config = DecoderConfig.model_validate_json(settings)
    return Speed(
        tokens_per_second=measure_speed(config, vocabulary=vocabulary),
        gib=memory_gib(config, vocabulary=vocabulary),
        assumption="measured here just now",
    )


def speed_of_decoder(config: DecoderConfig, vocabulary: int) -> Speed:
    """Tokens a second and memory of a decoder on this machine, where a few batches are trained."""
    return _measured(config.model_dump_json(), vocabulary)


def _here(phases: list[DecoderConfig], tokens: int, steps: int, vocabulary: int) -> Take:
    from mecelle.decoder.estimate import memory_gib

    speed = speed_of_decoder(phases[0], vocabulary)
    return Take(
        tokens=tokens, steps=steps, phases=len(phases), seconds=tokens / speed.tokens_per_second + 15.0 * len(phases),
        gib=max(memory_gib(one, vocabulary=vocabulary) for one in phases), dollars=None,
        assumption=f"{speed.tokens_per_second:,.0f} tokens a second, {speed.assumption}, and 15 s a phase",
    )  # fmt: skip


def _cards(phases: int, scale: str) -> tuple[int, ...]:
    if scale == "gpu":
        return (1,) * phases
    return PAPER_CARDS if phases == len(PAPER_CARDS) else (PAPER_CARDS_SINGLE,) * phases


def _tokens_per_second(card: Card, config: DecoderConfig, vocabulary: int) -> float:
    from mecelle.decoder.flops import causal_flops
    from mecelle.decoder.shapes import empty_model

    model = empty_model(config.shape, vocabulary=vocabulary)
    return card.flops * UTILISATION / causal_flops(model, sequence_length=config.sequence_length).training
