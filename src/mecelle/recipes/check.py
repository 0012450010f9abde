"""What would run, before anything runs: inputs, parameters, and an estimate of tokens, time and memory per stage."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel

from mecelle.base import config
from mecelle.base.errors import InputError, ResourceError
from mecelle.base.machine import available_cores, free_disk_gib
from mecelle.documents.files import list_files
from mecelle.recipes import workspace
from mecelle.recipes.catalogue import find

CHARACTERS_PER_BYTE = {".gz": 4.5, ".zst": 4.5, ".zip": 3.0, ".parquet": 3.0, ".pdf": 0.05, ".docx": 0.3, ".udf": 1.5}
"""Characters of text in one byte of a file, by the last suffix; anything else is plain text with some markup. Measured
on shared/data/legal (4.3 for gzip) and on the bundled sample."""
PLAIN = 0.9
CHARACTERS_PER_TOKEN = 4.7
"""Of a 16,000-word WordPiece on Turkish law, measured in docs/results/house-laptop.md."""
KEPT = 0.9
"""Share of the characters that cleaning, filters and deduplication leave."""
CHARACTERS_PER_SECOND = {"extract": 4e6, "corpus": 0.9e6, "select": 1.9e6, "tokenizer": 1.5e6, "index": 1e6}
"""Per core, as docs/results/house-laptop.md measured them over 66 M characters."""
GIB_PER_GIGACHARACTER = {"extract": 0.5, "corpus": 6.0, "select": 1.0, "tokenizer": 4.0, "index": 4.0}
BASE_GIB = 0.4
GUIDE_TEXTS_PER_SECOND = 110.0

CARDS = {"gpu": 1, "paper": 8}
CARD_FLOPS = 312e12
"""bf16 peak of an A100."""
CARD_UTILISATION = 0.35
"""Share of the peak that training reaches: an assumption, nothing here has run on such a card."""


class Estimate(BaseModel):
    """One stage before it runs."""

    stage: str
    volume: str
    """What it works on."""
    seconds: float | None
    """None where nothing can be said beforehand."""
    gib: float | None
    assumption: str

    def time_text(self) -> str:
        """The time as a person says it."""
        return spoken(self.seconds) if self.seconds is not None else "?"

    def memory_text(self) -> str:
        """The memory as a person says it."""
        return f"{self.gib:.1f} GiB" if self.gib is not None else "?"


class Speed(BaseModel):
    """How fast the encoder trains."""

    tokens_per_second: float
    gib: float
    assumption: str


def check(folder: Path) -> list[Estimate]:
    """Validate a workspace and estimate each stage.

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
    kept, speed = characters * KEPT, _speed(parameters, scale)
    found = f"{characters / 1e6:,.1f} M characters"
    rows = [
        _by_characters("extract", characters, found),
        _by_characters("corpus", characters, found),
        _by_characters("select", kept, f"{kept / 1e6:,.1f} M characters"),
        _by_characters("tokenizer", kept, f"{kept / 1e6:,.1f} M characters"),
        _encoder(parameters, kept, speed),
        _unknown("pairs", f"{kept / 1e6:,.1f} M characters", "one pass over the training set"),
        _guide(parameters, kept),
        _embedding(parameters, speed),
        _unknown("evaluation", "the questions", "by the collection asked"),
        _by_characters("index", kept, f"{kept / 1e6:,.1f} M characters"),
        _unknown("report", "the artifacts", "reads what the other stages wrote"),
    ]
    return rows


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
    first = graph["stages"].get("extract", {}).get("deps", [])
    return [file.path for file in list_files([folder / path for path in first])]


def spoken(seconds: float) -> str:
    """`40 s`, `12 min`, `3.5 h`, `12 days`."""
    for limit, unit, name in ((90, 1, "s"), (5_400, 60, "min"), (172_800, 3_600, "h")):
        if seconds < limit:
            return f"{seconds / unit:.0f} {name}" if name != "h" else f"{seconds / unit:.1f} {name}"
    return f"{seconds / 86_400:,.0f} days"


def _characters(path: Path) -> float:
    return path.stat().st_size * CHARACTERS_PER_BYTE.get(path.suffix, PLAIN)


def _unknown(stage: str, volume: str, assumption: str) -> Estimate:
    return Estimate(stage=stage, volume=volume, seconds=None, gib=None, assumption=assumption)


def _by_characters(stage: str, characters: float, volume: str) -> Estimate:
    rate = CHARACTERS_PER_SECOND[stage]
    return Estimate(
        stage=stage,
        volume=volume,
        seconds=5.0 + characters / rate / (available_cores() if stage in ("extract", "corpus") else 1),
        gib=BASE_GIB + GIB_PER_GIGACHARACTER[stage] * characters / 1e9,
        assumption=f"{rate / 1e6:.1f} M characters a second and core",
    )


def _encoder(parameters: Any, characters: float, speed: Speed) -> Estimate:
    tokens = characters / CHARACTERS_PER_TOKEN
    passes = parameters.encoder.budget_tokens / max(tokens, 1.0)
    budget = parameters.encoder.budget_tokens / 1e6
    return Estimate(
        stage="encoder",
        volume=f"{budget:,.1f} M tokens, {passes:,.1f} passes over {tokens / 1e6:,.1f} M",
        seconds=parameters.encoder.budget_tokens / speed.tokens_per_second,
        gib=speed.gib,
        assumption=f"{speed.tokens_per_second:,.0f} tokens a second, {speed.assumption}",
    )


def _speed(parameters: Any, scale: str) -> Speed:
    """Measured here for a few seconds at the small scales; by count of operations for the large ones."""
    from mecelle.encoder.estimate import estimate, flops, memory_gib

    vocabulary = parameters.tokenizer.vocab_size
    if scale in CARDS:
        rate = CARDS[scale] * CARD_FLOPS * CARD_UTILISATION / flops(parameters.encoder, vocabulary=vocabulary).training
        told = (
            f"{CARDS[scale]} cards of {CARD_FLOPS / 1e12:.0f} TFLOP/s in bf16 at {CARD_UTILISATION:.0%}; memory of one"
        )
        return Speed(tokens_per_second=rate, gib=memory_gib(parameters.encoder, vocabulary=vocabulary), assumption=told)
    found = estimate(parameters.encoder, vocabulary=vocabulary)
    return Speed(tokens_per_second=found.tokens_per_second, gib=found.memory_gib, assumption="measured here just now")


def _guide(parameters: Any, characters: float) -> Estimate:
    texts = min(2 * characters / 1_200, 2.0 * len(parameters.pairs.kinds) * (parameters.pairs.most_per_kind or 1e12))
    return Estimate(
        stage="guide",
        volume=f"up to {texts:,.0f} texts",
        seconds=texts / GUIDE_TEXTS_PER_SECOND,
        gib=1.0,
        assumption=f"{GUIDE_TEXTS_PER_SECOND:.0f} texts a second; cached ones cost nothing",
    )


def _embedding(parameters: Any, speed: Speed) -> Estimate:
    embedding = parameters.embedding
    pairs = (embedding.most_steps or 0) * embedding.batch * embedding.accumulation
    # Two texts a pair, most of them shorter than the limit.
    tokens = pairs * (embedding.max_length * 0.6 + 12)
    return Estimate(
        stage="embedding",
        volume=f"{pairs:,} pairs, {tokens / 1e6:,.1f} M tokens" if pairs else "all pairs",
        seconds=tokens / speed.tokens_per_second if pairs else None,
        gib=speed.gib,
        assumption="the encoder's speed",
    )
