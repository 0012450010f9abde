"""What the trainings of an embedding model will take: measured for the model of the workspace, counted for cards."""

import re
from collections.abc import Callable, Iterable
from math import inf
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.pairs.build import PairsConfig
from mecelle.recipes.embedding_parts import TRAINED
from mecelle.recipes.embedding_sources import MSMARCO_PAIRS
from mecelle.recipes.encoder_check import Speed
from mecelle.training.cards import A100, H100_64, Cluster

if TYPE_CHECKING:
    from mecelle.embedding.conversion.adapt import AdaptConfig

PARAMETERS = {
    "newmindai/Mursit-Base": 155e6,
    "newmindai/Mursit-Large": 403e6,
    "Alibaba-NLP/gte-multilingual-base": 305e6,
    "newmindai/Mecellem-Qwen3-1.7B-TR": 1.72e9,
    "newmindai/Mecellem-Qwen3-4B-TR": 4.02e9,
}
"""Of models that recipes begin with, as the papers say, and of decoders by their shapes, whose head is their embedding;
of others nothing can be said beforehand."""
TRAIN, ADAPT, CONVERT = (["mecelle", "embedding", name] for name in ("train", "adapt", "convert"))
CARDS = {"gpu": Cluster(card=A100, cards=1), "paper": Cluster(card=H100_64, cards=4)}
"""Mecellem §3.3.5: 4 H100. TurkEmbed4Retrieval had one A100 with 40 GB, on which 4,096 pairs did not fit."""
OPERATIONS = 6
"""Of a parameter and token, forward and backward."""
SECOND_PASS = 4 / 3
"""Of gradient caching: vectors are computed once more, without gradients."""
FORWARD_ALONE = 3
"""Of training, how many times as fast texts are only read."""
LENGTH_SHARE, DOCUMENT_TOKENS, QUERY_TOKENS = 0.6, 150, 12
"""Mean length of a document in shares of the limit, at most so many tokens (documents of pairs of law: 141 at a limit
of 256, 154 at 1,024), and tokens of a query."""
TRIPLET_TOKENS = 8.2 + 2 * 69.9
"""Of MS MARCO-TR: query, answer and negative (Mecellem §3.3.5)."""
CHARACTERS_PER_PAIR = 1_200
"""Of law, where pairs are made from the documents themselves."""


SpeedHere = Callable[[str], Speed | None]
"""The speed of a model by its name in a command; None of one that is neither here nor made here."""


class Take(BaseModel):
    """What one training takes."""

    volume: str
    seconds: float | None
    gib: float | None
    assumption: str


def embedding_stage(parameters: Any, command: str) -> EmbeddingConfig | None:
    """Parameters of a stage that trains an embedding model, by its command; None for another stage."""
    section = re.search(r" --params \S+:(\w+)", command)
    config = getattr(parameters, section[1] if section else "embedding", None)
    return config if command.split()[:3] == TRAIN and isinstance(config, EmbeddingConfig) else None


def first_model(commands: Iterable[str]) -> str:
    """The model that the first training begins with; of a converted decoder, the decoder. commands: in order."""
    stages = [command.split() for command in commands]
    start = next((words[3] for words in stages if words[:3] == TRAIN), TRAINED)
    converted = {words[words.index("--out") + 1]: words[3] for words in stages if words[:3] == CONVERT}
    return converted.get(start, start)


def pairs_of_text(config: PairsConfig, characters: float) -> float:
    """About how many pairs `characters` of law give; at most so many of each kind."""
    return min(characters / CHARACTERS_PER_PAIR, len(config.kinds) * (config.most_per_kind or inf))


def tokens_of_pair(config: EmbeddingConfig) -> float:
    """Tokens of a query and a document in the mean, of pairs from the law."""
    return min(config.max_length * LENGTH_SHARE, DOCUMENT_TOKENS) + QUERY_TOKENS


def take(config: EmbeddingConfig, *, start: str, scale: str, here: SpeedHere, at_hand: float | None = None) -> Take:
    """Estimate one training.

    start: what the first begins with; here: its speed if it is here; at_hand: pairs that there will be, None if they
    are not made from the documents.
    """
    step = config.batch * config.accumulation
    of_pair = tokens_of_pair(config)
    if at_hand is None and start in PARAMETERS:
        at_hand, of_pair = MSMARCO_PAIRS, TRIPLET_TOKENS
    bounds = [config.most_steps * step] if config.most_steps else []
    bounds += [max(1, round(config.epochs * at_hand))] if at_hand is not None else []
    known, pairs = bool(bounds), min(bounds, default=0)
    tokens = pairs * of_pair * (SECOND_PASS if config.chunk else 1)
    volume = f"{pairs:,} pairs in {-(-pairs // step):,} steps, {tokens / 1e6:,.1f} M tokens" if known else "all pairs"
    return _take(volume, tokens if known else None, start, scale, here)


def take_of_adaptation(config: "AdaptConfig", *, start: str, scale: str, here: SpeedHere) -> Take:
    """Estimate the masked adaptation of a converted decoder; arguments as `take`."""
    tokens = config.steps * config.batch * config.sequence_length
    return _take(f"{tokens / 1e6:,.1f} M tokens in {config.steps:,} steps", tokens, start, scale, here)


def speed_on_cards(size: float, cards: Cluster) -> Speed:
    """Of a model of `size` parameters, counted."""
    return Speed(
        tokens_per_second=cards.tokens_per_second(OPERATIONS * size),
        gib=16 * size / 2**30,
        assumption=f"{size / 1e6:.0f} M parameters on {cards.cards} x {cards.card.name}; weights, gradients, AdamW "
        "without texts",
    )


def _take(volume: str, tokens: float | None, start: str, scale: str, here: SpeedHere) -> Take:
    speed = _speed(start, scale, here)
    if speed is None:
        return Take(volume=volume, seconds=None, gib=None, assumption=f"by the size of {start}")
    return Take(
        volume=volume,
        seconds=None if tokens is None else tokens / speed.tokens_per_second,
        gib=speed.gib,
        assumption=f"{speed.tokens_per_second:,.0f} tokens a second, {speed.assumption}",
    )


def _speed(start: str, scale: str, here: SpeedHere) -> Speed | None:
    if found := here(start):
        return found
    size, cards = PARAMETERS.get(start), CARDS.get(scale)
    if size is None or cards is None:
        return None
    return speed_on_cards(size, cards)
