"""The data that a recipe brings itself: the bundled sample, or the collections that a paper names."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from mecelle.base.seeds import generator
from mecelle.recipes.graph import Inputs
from mecelle.sample.generate import generate
from mecelle.sample.records import Sample, SampleSize
from mecelle.sample.write import write

SAMPLE = Path("sample")
"""In a workspace, where the sample stands."""
SEEDS = {"law": 7, "general": 11, "heldout": 13}
"""Of the samples. The generator writes law alone: its stand-in for general text is law of another draw."""
OPTIONS = 4


@dataclass(frozen=True)
class Supply:
    """Inputs, as paths inside a workspace, and what writes them there."""

    inputs: Inputs
    write: Callable[[Path], None]


def sample_supply() -> Supply:
    """The tiny bundled sample with its questions, terms, cloze items and held-out decisions."""
    truth = SAMPLE / "truth"
    inputs = Inputs(
        data=(SAMPLE / "documents",),
        queries=truth / "questions.jsonl",
        documents=truth / "articles.jsonl",
        terms=(truth / "terms.jsonl",),
        general=(SAMPLE / "general" / "documents",),
        cloze=truth / "cloze.jsonl",
        heldout=truth / "heldout.jsonl",
        truth=truth,
    )
    return Supply(inputs, _write_sample)


def cloze_items(sample: Sample, *, seed: int) -> list[dict[str, object]]:
    """An item for each term of the sample: its definition, and the term among three others, in HukukBERT's format."""
    rng = generator(seed, "cloze")
    items: list[dict[str, object]] = []
    for number, term in enumerate(sample.terms):
        others = [other.term for place, other in enumerate(sample.terms) if place != number]
        options = [term.term, *rng.choice(others, OPTIONS - 1, replace=False).tolist()]
        sentence = f"{term.definition.rstrip('.')}: buna hukukta [MASK] denir."
        row = {"id": term.id, "sentence": sentence, "options": rng.permutation(options).tolist(), "gold": term.term}
        items.append(row)
    return items


def _write_sample(workspace: Path) -> None:
    size, place = SampleSize.tiny(), workspace / SAMPLE
    samples = {name: generate(seed=seed, size=size) for name, seed in SEEDS.items()}
    write(samples["law"], place, seed=SEEDS["law"])
    write(samples["general"], place / "general", seed=SEEDS["general"])
    held_out = [{"id": one.id, "text": one.text} for one in samples["heldout"].decisions]
    rows: dict[str, list[dict[str, Any]]] = {
        "cloze": cloze_items(samples["law"], seed=SEEDS["law"]),
        "heldout": held_out,
    }
    for name, written in rows.items():
        lines = b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in written)
        (place / "truth" / f"{name}.jsonl").write_bytes(lines)
