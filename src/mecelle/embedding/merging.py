"""Stage "merge": a model whose weights lie between those of two others, tensor by tensor.

Done by mergekit through sentence-transformers. linear: the mean (Wortsman et al. 2022, arXiv 2203.05482). slerp: along
the arc between both directions, which keeps lengths; so Qwen3 Embedding merges its checkpoints (arXiv 2506.05176).
"""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field
from sentence_transformers import SentenceTransformer

from mecelle.base import artifacts
from mecelle.base.errors import MismatchError, require
from mecelle.embedding.derived import Provenance, own_name, write_derived_card
from mecelle.embedding.model import save_model
from mecelle.models.folders import find_folder
from mecelle.models.loading import told_when_unloadable
from mecelle.models.quiet import quiet

STAGE = "merge"
VERSION = 1


class MergeConfig(Provenance):
    """Where between two models the merged one lies."""

    method: Literal["linear", "slerp"] = "slerp"
    """`slerp` falls back to `linear` for tensors that point the same way (cosine beyond 0.9995)."""
    weight: float = Field(default=0.5, ge=0.0, le=1.0)
    """Share of the second model: 0 is the first one, 1 the second."""


def merge(first: Path | str, second: Path | str, out: Path, config: MergeConfig) -> None:
    """Make the artifact `out` of stage "merge": a sentence-transformers folder.

    first, second: folders or hub ids of one architecture with one tokenizer; best two trainings of one start, since
    weights of strangers do not lie near each other. Prompts and length limit are the first one's. Nothing is drawn.
    Raises ArtifactError if a model does not load, MismatchError if modules, shapes, tokenizers or prompts differ.
    """
    require("mergekit", extra="train", why="Merging models")
    inputs: dict[str, Path | str] = {"first": first, "second": second}
    with (
        quiet(),
        artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=None) as run,
    ):
        models = [_open(place) for place in (first, second)]
        if models[0].prompts != models[1].prompts:
            raise MismatchError(
                f"prompts differ: {models[0].prompts} in {first}, {models[1].prompts} in {second}; such vectors are "
                "made of different texts. Train both with the same query_prompt and document_prompt"
            )
        merged = _merged(models, config)
        save_model(merged, run.folder)
        run.figures["parameters"] = sum(parameter.numel() for parameter in merged.parameters())
        sentence = (
            f"Weights of {own_name(first)} and {own_name(second)}, merged by {config.method}; the "
            f"second one's share is {config.weight}."
        )
        write_derived_card(run.folder, base=first, title="A merged model", paragraphs=[sentence], provenance=config)


def _open(place: Path | str) -> SentenceTransformer:
    folder = find_folder(place)
    with told_when_unloadable(folder, "an embedding model"):
        return SentenceTransformer(str(folder), device="cpu")


def _merged(models: list[SentenceTransformer], config: MergeConfig) -> SentenceTransformer:
    share = config.weight
    parameters: dict[str, Any] = {"t": share} if config.method == "slerp" else {"weight": {0: 1 - share, 1: share}}
    try:
        return SentenceTransformer.merge(models, method=config.method, parameters=parameters)
    except (ValueError, RuntimeError, KeyError) as error:
        raise MismatchError(
            f"the models cannot be merged: {str(error).strip().splitlines()[0]} Give two trainings of one model, with "
            "one tokenizer"
        ) from error
