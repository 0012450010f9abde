"""What would run, before anything runs: inputs, parameters, and an estimate of tokens, time and memory per stage."""

from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from mecelle.base import config
from mecelle.base.errors import InputError, MismatchError, ResourceError
from mecelle.base.machine import available_cores, free_disk_gib
from mecelle.decoder.config import DecoderConfig
from mecelle.encoder.config import EncoderConfig
from mecelle.recipes import workspace
from mecelle.recipes.catalogue import find
from mecelle.recipes.decoder_check import decoder_stage, speed_of_decoder, take, vocabulary_of
from mecelle.recipes.embedding_check import (
    ADAPT,
    CARDS,
    FORWARD_ALONE,
    LENGTH_SHARE,
    SECOND_PASS,
    embedding_stage,
    first_model,
    pairs_of_text,
    speed_on_cards,
    take_of_adaptation,
    tokens_of_pair,
)
from mecelle.recipes.embedding_check import take as take_of_embedding
from mecelle.recipes.embedding_parts import DECODER, TRAINED
from mecelle.recipes.encoder_check import Speed, cluster, encoder_configs, speed
from mecelle.recipes.starts import decoder_from, encoder_from, start_of
from mecelle.recipes.text_at_hand import characters_here, check_here

CHARACTERS_PER_TOKEN = 4.7
"""Of a 16,000-word WordPiece on Turkish law, measured in docs/results/house-laptop.md."""
KEPT = 0.9
"""Share of the characters that cleaning, filters and deduplication leave."""
MOST_PASSES = 4
"""Of a training over its text: up to so many are worth almost as much as new text (arXiv 2305.16264, of decoders)."""
UNKNOWN = {
    "pairs": ("the training set", "one pass over the training set"),
    "nli_pairs": ("the table", "seconds"),
    "sts_pairs": ("the table", "seconds"),
    "qa_pairs": ("the table", "seconds"),
    "ranking_pairs": ("the table", "seconds"),
    "qa_kept": ("the pairs", "seconds"),
    "ranking_kept": ("the pairs", "seconds"),
    "negatives": ("the pairs", "by their number, squared; minutes for a hundred thousand by BM25"),
    "convert": ("the weights", "seconds"),
    "merge": ("the weights", "seconds"),
    "forgetting": ("the held-out pairs", "two texts a pair and model"),
    "evaluation": ("the questions", "by the collection asked"),
    "report": ("the artifacts", "reads what the other stages wrote"),
}
CHARACTERS_PER_SECOND = {"extract": 4e6, "corpus": 0.9e6, "select": 1.9e6, "tokenizer": 1.5e6, "index": 1e6}
"""Per core, as docs/results/house-laptop.md measured them over 66 M characters."""
GIB_PER_GIGACHARACTER = {"extract": 0.5, "corpus": 6.0, "select": 1.0, "tokenizer": 4.0, "index": 4.0}
BASE_GIB = 0.4
EXTRACTS = ("extract", "general_extract")
"""Stages that read the user's files; a decoder's phases draw from all of them."""
GUIDES = {"package:use": (110.0, 1.0), "package:e5": (12.0, 1.8)}
"""Texts a second of pairs of law, 430 characters in the mean, on one core, and GiB."""
NOT_ALL_HERE = "text that is not all here"
NOT_HERE = "by the size of {}; only folders of Qwen3, Llama, ModernBERT, BERT and their like are looked into"

Start = Path | str | None
"""See `start_of`."""


class Estimate(BaseModel):
    """One stage before it runs."""

    stage: str
    volume: str
    """What it works on."""
    seconds: float | None
    """None where nothing can be said beforehand."""
    gib: float | None
    assumption: str
    dollars: float | None = None
    """Of rented cards; None where none is counted on."""
    warning: str = ""
    """What should be changed before it runs, if anything."""

    def time_text(self) -> str:
        """The time as a person says it."""
        return spoken(self.seconds) if self.seconds is not None else "?"

    def memory_text(self) -> str:
        """The memory as a person says it."""
        return f"{self.gib:.1f} GiB" if self.gib is not None else "?"

    def cost_text(self) -> str:
        """The money as a person says it; nothing where there is none."""
        return f"${self.dollars:,.0f}" if self.dollars is not None else ""


def check(folder: Path, *, dollars_per_card_hour: float | None = None) -> list[Estimate]:
    """Validate a workspace and estimate each stage.

    dollars_per_card_hour: price of a rented card; None takes `decoder_check.DOLLARS_PER_CARD_HOUR`.
    What the user's files decide is left open as long as they are not all here: `check_inputs` says which are not.
    Raises ConfigError for a wrong parameter, InputError without a graph, ResourceError if the disk cannot hold the run.
    """
    name, scale = workspace.recipe_name(folder)
    parameters: Any = workspace.parameters(folder, find(name).model)
    graph = _graph(folder)
    text = {one: characters_here(folder, graph, one) for one in EXTRACTS}
    need = 4 * sum(found or 0.0 for found in text.values()) / 1e9 + 1.0
    if free_disk_gib(folder) < need:
        raise ResourceError(f"{folder}: {free_disk_gib(folder):.1f} GiB free, about {need:.1f} GiB are needed")
    rows = []
    for stage, entry in graph["stages"].items():
        start = start_of(entry["cmd"], folder, expected=find(name).initial(scale))
        # General text has stages of its own, which bear its name before theirs.
        kind = "general_" if stage.startswith("general_") else ""
        own = text[f"{kind}extract"]
        if decoder_stage(parameters, stage):
            both = 0.0 if None in text.values() else sum(found or 0.0 for found in text.values())
            rows.append(_decoder(stage, parameters, both * KEPT, start, (scale, dollars_per_card_hour)))
            continue
        if trained := embedding_stage(parameters, entry["cmd"]):
            first = first_model(other["cmd"] for other in graph["stages"].values())
            at_hand = pairs_of_text(parameters.pairs, own * KEPT) if own and _makes_pairs(graph["stages"]) else None
            here = partial(_speed_here, parameters, (name, scale), folder)
            taken = take_of_embedding(trained, start=first, scale=scale, here=here, at_hand=at_hand)
            rows.append(Estimate(stage=stage, **taken.model_dump()))
            continue
        if (words := entry["cmd"].split())[:3] == ADAPT:
            here = partial(_speed_here, parameters, (name, scale), folder)
            taken = take_of_adaptation(parameters.adapt_converted, start=words[3], scale=scale, here=here)
            rows.append(Estimate(stage=stage, **taken.model_dump()))
            continue
        if stage == "choice":
            rows.append(_choice(entry["cmd"], parameters, (name, scale, start)))
            continue
        rows.append(_row(stage, stage.removeprefix(kind), kind, parameters, own, (name, scale, start)))
    return rows


def _row(
    stage: str, work: str, kind: str, parameters: Any, text: float | None, run: tuple[str, str, Start]
) -> Estimate:
    """work: the stage without its kind; text: in characters; run: recipe, scale, and what the stage goes on from."""
    kept = (text or 0.0) * KEPT
    configs = encoder_configs(parameters)
    if work in CHARACTERS_PER_SECOND:
        return _by_characters(stage, work, text if work in ("extract", "corpus") or text is None else kept)
    if stage in configs:
        tokenizer = getattr(parameters, f"{kind}tokenizer", parameters.tokenizer)
        return _encoder(stage, configs[stage], tokenizer.vocab_size, kept, run)
    if work == "guide":
        return _guide(parameters, kept)
    return _unknown(stage, *UNKNOWN.get(work, ("what the stages before it made", "depends on what is found")))


def check_inputs(folder: Path) -> None:
    """Raise InputError if a file that the graph reads from outside is absent, and say where it is told of."""
    check_here(folder, _graph(folder))


def _graph(folder: Path) -> Any:
    graph = config.read_yaml(folder / workspace.GRAPH) if (folder / workspace.GRAPH).exists() else None
    if not isinstance(graph, dict) or "stages" not in graph:
        raise InputError(
            f"{folder}: no {workspace.GRAPH} here; a workspace is made by `mecelle new RECIPE DIR --data PATH`"
        )
    return graph


def spoken(seconds: float) -> str:
    """`40 s`, `12 min`, `3.5 h`, `12 days`."""
    for limit, unit, name in ((90, 1, "s"), (5_400, 60, "min"), (172_800, 3_600, "h")):
        if seconds < limit:
            return f"{seconds / unit:.0f} {name}" if name != "h" else f"{seconds / unit:.1f} {name}"
    return f"{seconds / 86_400:,.0f} days"


def _unknown(stage: str, volume: str, assumption: str) -> Estimate:
    return Estimate(stage=stage, volume=volume, seconds=None, gib=None, assumption=assumption)


def _by_characters(stage: str, work: str, characters: float | None) -> Estimate:
    rate = CHARACTERS_PER_SECOND[work]
    if characters is None:
        return _unknown(stage, NOT_ALL_HERE, f"{rate / 1e6:.1f} M characters a second and core")
    return Estimate(
        stage=stage,
        volume=f"{characters / 1e6:,.1f} M characters",
        seconds=5.0 + characters / rate / (available_cores() if work in ("extract", "corpus") else 1),
        gib=BASE_GIB + GIB_PER_GIGACHARACTER[work] * characters / 1e9,
        assumption=f"{rate / 1e6:.1f} M characters a second and core",
    )


def _encoder(
    stage: str, config: EncoderConfig, vocabulary: int, characters: float, run: tuple[str, str, Start]
) -> Estimate:
    name, scale, start = run
    volume = f"{config.budget_tokens / 1e6:,.1f} M tokens in {config.steps:,} steps"
    tokens = characters / CHARACTERS_PER_TOKEN
    if tokens:
        volume += f", {_passes(config.budget_tokens, tokens)}"
    warning = _warning(f"{stage}.budget_tokens", config.budget_tokens, tokens)
    if isinstance(start, str):
        return _unknown(stage, volume, NOT_HERE.format(start)).model_copy(update={"warning": warning})
    speed = _speed(encoder_from(config, start) if start else config, vocabulary, (name, scale))
    return Estimate(
        stage=stage,
        volume=volume,
        seconds=config.budget_tokens / speed.tokens_per_second,
        gib=speed.gib,
        assumption=f"{speed.tokens_per_second:,.0f} tokens a second, {speed.assumption}",
        warning=warning,
    )


def _choice(command: str, parameters: Any, run: tuple[str, str, Start]) -> Estimate:
    """The short training of every candidate, one after another, and the documents that each then reads."""
    (name, scale, start), asked = run, parameters.choice
    config = list(encoder_configs(parameters).values())[-1]  # what is chosen among comes last: adapted, or the only one
    words = command.split()
    runs = len([one for one in words[3 : words.index("--queries")] if "=" not in one])
    snapshots = len(config.snapshots)
    candidates = runs * (snapshots + sum(count <= snapshots for count in asked.averages))
    training = asked.post_training
    volume = f"{candidates} candidates"
    if "--pairs" not in words or training.most_steps is None:
        return _unknown("choice", volume, "by the documents that each candidate reads")
    pairs = training.most_steps * training.batch * training.accumulation
    volume += f", {pairs:,} pairs each"
    if isinstance(start, str):
        return _unknown("choice", volume, NOT_HERE.format(start))
    tokens = pairs * tokens_of_pair(training) * (SECOND_PASS if training.chunk else 1)
    documents = asked.most_documents or 0
    tokens += documents * asked.max_length * LENGTH_SHARE / FORWARD_ALONE
    on = cluster(name, scale, config)
    speed = _speed(encoder_from(config, start) if start else config, parameters.tokenizer.vocab_size, (name, scale))
    rate = speed.tokens_per_second / (on.cards if on else 1)
    read = f"{documents:,} documents each" if documents else "the documents that each reads come on top"
    return Estimate(
        stage="choice",
        volume=volume,
        seconds=candidates * tokens / rate,
        gib=speed.gib,
        assumption=f"{rate:,.0f} tokens a second{' of one card' if on else ''}; {read}",
    )


def _passes(budget: float, tokens: float) -> str:
    many = budget / tokens
    return f"{many:,.{0 if many >= 100 else 1}f} passes over {tokens / 1e6:,.{1 if tokens >= 1e5 else 3}f} M"


def _warning(parameter: str, budget: float, tokens: float) -> str:
    """What to say of a budget that goes over its text many times; nothing where that is not known, or not so."""
    if budget <= MOST_PASSES * tokens or not tokens:
        return ""
    return (
        f"{parameter} {budget:,.0f} is {_passes(budget, tokens)} tokens of text. One or two are usual (Mecellem, "
        f"HukukBERT), and beyond {MOST_PASSES} each brings ever less (arXiv 2305.16264): give more text, or set it to "
        f"{MOST_PASSES * tokens:,.0f} at most"
    )


def _decoder(stage: str, parameters: Any, characters: float, start: Start, run: tuple[str, float | None]) -> Estimate:
    """run: scale, and price of a card's hour."""
    found, (scale, price) = decoder_stage(parameters, stage), run
    assert found is not None, "asked for stages that train a decoder"
    config, curriculum = found
    if start:
        begun = decoder_from(config, start) if isinstance(start, Path) else None
        if not begun:
            return _unknown(stage, "its phases", NOT_HERE.format(start))
        config, vocabulary = begun
    else:
        vocabulary = vocabulary_of(config, trained=parameters.tokenizer.vocab_size)
    taken = take(config, curriculum, vocabulary=vocabulary, scale=scale, dollars_per_card_hour=price)
    volume = f"{taken.tokens / 1e6:,.1f} M tokens in {taken.steps:,} steps of {taken.phases} phases"
    if characters:
        volume += f", of {characters / CHARACTERS_PER_TOKEN / 1e6:,.1f} M"
    return Estimate(
        stage=stage, volume=volume, seconds=taken.seconds, gib=taken.gib, assumption=taken.assumption,
        dollars=taken.dollars,
    )  # fmt: skip


@cache
def _speed_of(settings: str, vocabulary: int, run: tuple[str, str]) -> Speed:
    config = EncoderConfig.model_validate_json(settings)
    return speed(config, vocabulary=vocabulary, on=cluster(*run, config))


def _speed(config: EncoderConfig, vocabulary: int, run: tuple[str, str]) -> Speed:
    """Asked for by two stages, measured once. Adapting trains as pre-training does: what it adds has no say here."""
    settings = config.model_dump_json(include=set(EncoderConfig.model_fields))
    return _speed_of(settings, vocabulary, run)


def _guide(parameters: Any, characters: float) -> Estimate:
    if not characters:
        return _unknown("guide", "the texts of the table", "by their number and the guide")
    texts = 2 * pairs_of_text(parameters.pairs, characters)
    volume = f"up to {texts:,.0f} texts"
    if parameters.guide.endpoint or parameters.guide.model not in GUIDES:
        return _unknown("guide", volume, "by the guide's size and place")
    speed, gib = GUIDES[parameters.guide.model]
    return Estimate(
        stage="guide",
        volume=volume,
        seconds=texts / speed,
        gib=gib,
        assumption=f"{speed:.0f} texts a second; cached ones cost nothing",
    )


def _makes_pairs(stages: dict[str, Any]) -> bool:
    """Whether the pairs are made from the documents, and do not come from a table."""
    return any(str(entry["cmd"]).startswith("mecelle embedding pairs ") for entry in stages.values())


def _speed_here(parameters: Any, run: tuple[str, str], folder: Path, start: str) -> Speed | None:
    """The speed of an encoder or decoder by its name in a command: trained by the workspace, or in a folder."""
    vocabulary = parameters.tokenizer.vocab_size
    if start == TRAINED:
        return _speed(parameters.encoder, vocabulary, run)
    if start == DECODER:
        return _speed_as_decoder(parameters.decoder, vocabulary_of(parameters.decoder, trained=vocabulary), run[1])
    if not (folder / start).is_dir():
        return None
    with suppress(MismatchError):
        return _speed(encoder_from(parameters.encoder, folder / start), vocabulary, run)
    with suppress(MismatchError):
        begun = decoder_from(DecoderConfig(), folder / start)
        return _speed_as_decoder(*begun, run[1]) if begun else None
    return None


def _speed_as_decoder(config: DecoderConfig, vocabulary: int, scale: str) -> Speed:
    """Measured as it trains looking back: looking both ways takes as long but for half of its attention."""
    if scale not in CARDS:
        return speed_of_decoder(config, vocabulary)
    from mecelle.decoder.shapes import parameters

    return speed_on_cards(parameters(config.shape, vocabulary=vocabulary), CARDS[scale])
