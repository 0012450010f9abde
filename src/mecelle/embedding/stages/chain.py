"""One training after another, each an artifact: what is finished is taken as it is, so that a killed chain goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mecelle.base.artifacts import hash_input, is_artifact, read_record
from mecelle.base.config import dump
from mecelle.embedding.config import STAGE, VERSION, EmbeddingConfig
from mecelle.embedding.train import train


@dataclass(frozen=True)
class Step:
    """One training of a chain."""

    name: str
    pairs: Path
    config: EmbeddingConfig
    guide: Path | None = None


def train_chain(base: Path | str, steps: Sequence[Step], out: Path, *, seed: int, work: Path) -> dict[str, Path]:
    """Train each step on the model of the one before it; stage -> artifact `out/<number>-<stage>`.

    base: folder or hub id of the first model. Raises what `train` raises.
    """
    model: Path | str = base
    places = stage_folders(steps, out)
    for step in steps:
        place = places[step.name]
        if not _is_made(place, model, step, seed):
            train(model, step.pairs, step.guide, place, step.config, seed=seed, work=work)
        model = place
    return places


def stage_folders(steps: Sequence[Step], out: Path) -> dict[str, Path]:
    """Stage -> where the chain in `out` keeps its model, in order."""
    return {step.name: out / f"{number}-{step.name}" for number, step in enumerate(steps, start=1)}


def _is_made(place: Path, model: Path | str, step: Step, seed: int) -> bool:
    """Whether the artifact is there, of this version of the stage, and of the same inputs, parameters and seed."""
    record = read_record(place)
    if record is None or record.version != VERSION or not is_artifact(place, stage=STAGE):
        return False
    inputs: Mapping[str, Path | str | None] = {"encoder": model, "pairs": step.pairs, "guide": step.guide}
    wanted = {name: (str(path), hash_input(path)) for name, path in inputs.items() if path is not None}
    found = {name: (given.path, given.hash) for name, given in record.inputs.items()}
    return (record.parameters, record.seed, found) == (dump(step.config), seed, wanted)
