"""What would run, before anything runs: inputs, parameters, and an estimate of tokens, time and memory per stage."""

from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from mecelle.base import config
from mecelle.base.errors import InputError, ResourceError
from mecelle.base.machine import available_cores, free_disk_gib
from mecelle.documents.files import list_files
from mecelle.encoder.config import EncoderConfig
from mecelle.recipes import workspace
from mecelle.recipes.catalogue import find
from mecelle.recipes.decoder_check import decoder_stage, take, vocabulary_of
from mecelle.recipes.embedding_check import embedding_stage, first_model, pairs_of_text
from mecelle.recipes.embedding_check import take as take_of_embedding
from mecelle.recipes.encoder_check import Speed, cluster, encoder_configs, speed
from mecelle.recipes.starts import decoder_from, encoder_from, start_of

CHARACTERS_PER_BYTE = {".gz": 4.5, ".zst": 4.5, ".zip": 3.0, ".parquet": 3.0, ".pdf": 0.05, ".docx": 0.3, ".udf": 1.5}
"""Characters of text in one byte of a file, by the last suffix; anything else is plain text with some markup. Measured
on shared/data/legal (4.3 for gzip) and on the bundled sample."""
PLAIN = 0.9
CHARACTERS_PER_TOKEN = 4.7
"""Of a 16,000-word WordPiece on Turkish law, measured in docs/results/house-laptop.md."""
KEPT = 0.9
"""Share of the characters that cleaning, filters and deduplication leave."""
UNKNOWN = {
    "pairs": ("the training set", "one pass over the training set"),
    "nli_pairs": ("the table", "seconds"),
    "sts_pairs": ("the table", "seconds"),
    "negatives": ("the pairs", "by their number, squared; minutes for a hundred thousand by BM25"),
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
    Raises ConfigError for a wrong parameter, InputError for an absent input, ResourceError if the disk cannot hold the
    run.
    """
    name, scale = workspace.recipe_name(folder)
    parameters: Any = workspace.parameters(folder, find(name).model)
    sources = check_inputs(folder)
    characters = sum(_characters(path) for path in sources)
    need = 4 * characters / 1e9 + 1.0
    if free_disk_gib(folder) < need:
        raise ResourceError(f"{folder}: {free_disk_gib(folder):.1f} GiB free, about {need:.1f} GiB are needed")
    graph = config.read_yaml(folder / workspace.GRAPH)
    rows = []
    for stage, entry in graph["stages"].items():
        start = start_of(entry["cmd"], folder, expected=find(name).initial(scale))
        # General text has stages of its own, which bear its name before theirs.
        kind = "general_" if stage.startswith("general_") else ""
        text = sum(_characters(path) for path in _sources(folder, graph, f"{kind}extract"))
        if decoder_stage(parameters, stage):
            both = sum(_characters(path) for one in EXTRACTS for path in _sources(folder, graph, one))
            rows.append(_decoder(stage, parameters, both * KEPT, start, (scale, dollars_per_card_hour)))
            continue
        if embedding_stage(parameters, stage):
            first = first_model({one: other["cmd"] for one, other in graph["stages"].items()})
            made = _makes_pairs(graph["stages"]) and text
            at_hand = pairs_of_text(parameters.pairs, text * KEPT) if made else None
            rows.append(_embedding(stage, parameters, first, (name, scale), at_hand))
            continue
        rows.append(_row(stage, stage.removeprefix(kind), kind, parameters, text, (name, scale, start)))
    return rows


def _row(stage: str, work: str, kind: str, parameters: Any, characters: float, run: tuple[str, str, Start]) -> Estimate:
    """work: the stage without its kind; run: recipe, scale, and what the stage goes on from."""
    kept = characters * KEPT
    configs = encoder_configs(parameters)
    if work in CHARACTERS_PER_SECOND:
        found = characters if work in ("extract", "corpus") else kept
        return _by_characters(stage, work, found)
    if stage in configs:
        tokenizer = getattr(parameters, f"{kind}tokenizer", parameters.tokenizer)
        return _encoder(stage, configs[stage], tokenizer.vocab_size, kept, run)
    if work == "guide":
        return _guide(parameters, kept)
    return _unknown(stage, *UNKNOWN.get(work, ("what the stages before it made", "depends on what is found")))


def check_inputs(folder: Path) -> list[Path]:
    """The files of the first stage; raises InputError if one that the graph reads from outside is absent."""
    graph = config.read_yaml(folder / workspace.GRAPH) if (folder / workspace.GRAPH).exists() else None
    if not isinstance(graph, dict) or "stages" not in graph:
        raise InputError(
            f"{folder}: no {workspace.GRAPH} here; a workspace is made by `mecelle new RECIPE DIR --data PATH`"
        )
    for name, stage in graph["stages"].items():
        for path in stage.get("deps", []):
            if not str(path).startswith("artifacts/") and not (folder / path).exists():
                raise InputError(f"{folder / workspace.GRAPH}: stage '{name}' reads {path}, which does not exist")
    return _sources(folder, graph, "extract")


def spoken(seconds: float) -> str:
    """`40 s`, `12 min`, `3.5 h`, `12 days`."""
    for limit, unit, name in ((90, 1, "s"), (5_400, 60, "min"), (172_800, 3_600, "h")):
        if seconds < limit:
            return f"{seconds / unit:.0f} {name}" if name != "h" else f"{seconds / unit:.1f} {name}"
    return f"{seconds / 86_400:,.0f} days"


def _sources(folder: Path, graph: Any, stage: str) -> list[Path]:
    """The files that an extraction reads."""
    return [
        file.path for file in list_files([folder / path for path in graph["stages"].get(stage, {}).get("deps", [])])
    ]


def _characters(path: Path) -> float:
    return path.stat().st_size * CHARACTERS_PER_BYTE.get(path.suffix, PLAIN)


def _unknown(stage: str, volume: str, assumption: str) -> Estimate:
    return Estimate(stage=stage, volume=volume, seconds=None, gib=None, assumption=assumption)


def _by_characters(stage: str, work: str, characters: float) -> Estimate:
    rate = CHARACTERS_PER_SECOND[work]
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
    if characters:
        tokens = characters / CHARACTERS_PER_TOKEN
        volume += f", {config.budget_tokens / tokens:,.1f} passes over {tokens / 1e6:,.1f} M"
    if isinstance(start, str):
        return _unknown(stage, volume, NOT_HERE.format(start))
    speed = _speed(encoder_from(config, start) if start else config, vocabulary, (name, scale))
    return Estimate(
        stage=stage,
        volume=volume,
        seconds=config.budget_tokens / speed.tokens_per_second,
        gib=speed.gib,
        assumption=f"{speed.tokens_per_second:,.0f} tokens a second, {speed.assumption}",
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


def _embedding(stage: str, parameters: Any, start: str, run: tuple[str, str], at_hand: float | None) -> Estimate:
    config = embedding_stage(parameters, stage)
    assert config is not None, "asked for stages that train an embedding model"
    taken = take_of_embedding(
        config, start=start, scale=run[1], at_hand=at_hand,
        of_encoder=lambda: _speed(parameters.encoder, parameters.tokenizer.vocab_size, run),
    )  # fmt: skip
    return Estimate(stage=stage, **taken.model_dump())
