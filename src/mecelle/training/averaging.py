"""The mean of several models: late checkpoints of one run, usually a little better than any of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import transformers
from transformers import AutoTokenizer, PreTrainedModel

from mecelle.base import artifacts
from mecelle.base.errors import ArtifactError, InputError, MismatchError
from mecelle.models.folders import find_folder
from mecelle.models.loading import told_when_unloadable
from mecelle.models.quiet import quiet

STAGE = "average"
VERSION = 1
WITHOUT_MEANING = {"_name_or_path", "transformers_version", "dtype"}
"""Entries of a model's configuration that may differ."""


def average(folders: Sequence[Path | str], out: Path) -> None:
    """Write the plain mean of the weights of `folders` into `out`, with the tokenizer of the first.

    folders: two or more transformers folders (or hub ids) of one configuration and one vocabulary. Summed in float64,
    saved in the precision of the first; weights that are tied in the models are tied in the mean. Memory: 8 bytes a
    parameter and one model, whatever their number. Uniform "model soup" of one run's checkpoints (arXiv 1803.05407,
    2203.05482); neither Mecellem nor HukukBERT averages.
    Raises InputError for fewer than two, ArtifactError for one that does not load or lacks weights, MismatchError,
    naming what differs, for models that do not belong together.
    """
    if len(folders) < 2:
        raise InputError(f"{len(folders)} model: a mean needs two or more; give the folders of late checkpoints")
    inputs = {f"model_{number}": folder for number, folder in enumerate(folders)}
    with (
        quiet(),
        artifacts.create(out, stage=STAGE, version=VERSION, parameters={}, inputs=inputs, seed=None) as run,
    ):
        model, tokenizer = _load(folders[0])
        sums = {name: weight.double() for name, weight in model.state_dict().items()}
        for folder in folders[1:]:
            other, its_tokenizer = _load(folder)
            _check(model, other, tokenizer, its_tokenizer, names=(folders[0], folder))
            for name, weight in other.state_dict().items():
                sums[name] += weight
        model.load_state_dict({name: total / len(folders) for name, total in sums.items()})
        model.save_pretrained(run.folder)
        tokenizer.save_pretrained(run.folder)
        run.accounts.keep(len(folders))
        run.figures["parameters"] = model.num_parameters()


def _load(name: Path | str) -> tuple[PreTrainedModel, Any]:
    """The model, of the class that its configuration names, with its head; and the tokenizer."""
    folder = find_folder(name)
    with told_when_unloadable(folder, "a model of transformers"):
        config = transformers.AutoConfig.from_pretrained(folder)
        kind = getattr(transformers, (config.architectures or ["AutoModel"])[0])
        model, report = kind.from_pretrained(folder, output_loading_info=True)
        tokenizer = AutoTokenizer.from_pretrained(folder)
    if report["missing_keys"]:
        raise ArtifactError(
            f"{folder}: {len(report['missing_keys'])} weights are missing, such as '{min(report['missing_keys'])}': a "
            f"mean would take random ones for them; give a whole {kind.__name__}"
        )
    return model, tokenizer


def _check(
    model: PreTrainedModel, other: PreTrainedModel, tokenizer: Any, its_tokenizer: Any, *, names: tuple[Any, Any]
) -> None:
    ours, theirs = (
        {key: value for key, value in one.config.to_dict().items() if key not in WITHOUT_MEANING}
        for one in (model, other)
    )
    faults = [
        f"{key} is {ours.get(key)} and {theirs.get(key)}"
        for key in sorted(ours.keys() | theirs.keys())
        if ours.get(key) != theirs.get(key)
    ]
    if tokenizer.get_vocab() != its_tokenizer.get_vocab():
        faults.append("their vocabularies differ")
    if faults:
        raise MismatchError(
            f"{names[0]} and {names[1]} cannot be averaged: {'; '.join(faults[:5])}. "
            "Take checkpoints of one run: equal numbers at equal places mean the same only there"
        )
