"""The demonstration: the bundled sample, or the user's own folder, through the recipe `house`."""

from pathlib import Path

from mecelle.base import config
from mecelle.base.errors import ConfigError
from mecelle.recipes import workspace
from mecelle.recipes.catalogue import find
from mecelle.recipes.graph import Inputs
from mecelle.sample.generate import generate
from mecelle.sample.records import SampleSize
from mecelle.sample.write import write

SAMPLE_SEED = 7


def prepare(folder: Path, *, data: Path | None, scale: str, size: str = "demo") -> Path:
    """The workspace of the demonstration in `folder`, made if it is not there yet; returns where it is.

    data: the user's documents; without it the sample is written, with its questions and its truth. Called again with
    the same arguments it changes nothing, so that a demonstration that was interrupted goes on.
    """
    place = folder / ("workspace" if data is None else "workspace-own-data")
    if (place / workspace.GRAPH).exists():
        _same_data(place, data)
        return place
    inputs = Inputs(data=(data,)) if data else _sample_inputs((folder / "sample").resolve(), size)
    recipe = find("house")
    workspace.write(
        place,
        name="house",
        scale=scale,
        title=recipe.title,
        recipe=recipe.recipe(scale),
        stages=recipe.stages(inputs),
        force=place.exists(),
    )
    return place


def _sample_inputs(sample: Path, size: str) -> Inputs:
    if not (sample / "truth" / "failed.json").exists():
        write(generate(seed=SAMPLE_SEED, size=SampleSize.named(size)), sample, seed=SAMPLE_SEED)
    truth = sample / "truth"
    return Inputs(
        data=(sample / "documents",), queries=truth / "questions.jsonl", terms=(truth / "terms.jsonl",), truth=truth
    )


def _same_data(place: Path, data: Path | None) -> None:
    """A second demonstration on other data must not silently show the first one's results."""
    if data is None:
        return
    reads = config.read_yaml(place / workspace.GRAPH)["stages"]["extract"]["deps"]
    if reads != [str(data)]:
        raise ConfigError(
            f"{place}: was made for {', '.join(reads)}, not for {data}; remove that folder, or choose another"
        )
