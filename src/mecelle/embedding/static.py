"""Stage "static": an embedding model boiled down to one vector for each token, for first-stage search on a CPU.

Distilled by model2vec (Tulkens and van Dongen 2024): each token passes through the model alone, principal components
are kept, and frequent tokens weigh less (Arora et al. 2017, "A Simple but Tough-to-Beat Baseline", §3). The text's
vector is the mean of its tokens'. Written as a sentence-transformers folder, which is used like any other; it is
the model it is made of that is trained.
"""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pydantic import Field
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding

from mecelle.base import artifacts
from mecelle.base.errors import ConfigError, require
from mecelle.base.progress import Progress
from mecelle.embedding.derived import Provenance, write_derived_card
from mecelle.models.folders import find_folder
from mecelle.models.loading import told_when_unloadable
from mecelle.models.quiet import quiet

STAGE = "static"
VERSION = 1


class StaticConfig(Provenance):
    """How a model is boiled down."""

    dims: int = Field(default=256, ge=8)
    """Principal components that are kept, at most the width of the model."""
    smoothing: float = Field(default=1e-4, gt=0, lt=1)
    """Weight of a token is smoothing / (smoothing + p), where p follows from its rank in the vocabulary (Zipf)."""


def distil(model: Path | str, out: Path, config: StaticConfig) -> None:
    """Make the artifact `out` of stage "static". model: a sentence-transformers model or plain encoder, or a hub id.

    A pruned vocabulary (stage "prune") first: every token costs a pass through the model and a row on disk. Prompts
    are left out, since a mean of tokens moves by the same vector whatever the text. Nothing is drawn.
    Raises ArtifactError if the model does not load, ConfigError if it is narrower than `dims`, MissingPackageError
    without model2vec.
    """
    library: Any = require("model2vec.distill", extra="semantic", why="A static model")
    folder = find_folder(model)
    inputs: dict[str, Path | str] = {"model": model}
    with (
        quiet(),
        artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=None) as run,
    ):
        # Not by StaticEmbedding.from_distillation, which warns of arguments that model2vec no longer has.
        with told_when_unloadable(folder, "an encoder"), _own_progress(library.inference):
            found = library.distill(
                str(folder), device="cpu", pca_dims=config.dims, sif_coefficient=config.smoothing, quantize_to="float32"
            )
        static = StaticEmbedding(found.tokenizer, embedding_weights=found.embedding)
        if static.embedding_dim != config.dims:
            raise ConfigError(f"dims {config.dims}: vectors of {folder} have {static.embedding_dim} components")
        static.tokenizer.no_truncation()
        whole = SentenceTransformer(modules=[static, Normalize()], device="cpu")
        whole.save_pretrained(str(run.folder), create_model_card=False)
        run.figures.update(tokens=static.num_embeddings, dims=static.embedding_dim)
        sentence = (
            f"One vector of {config.dims} components for each of {static.num_embeddings:,} tokens; no transformer."
        )
        write_derived_card(
            run.folder, base=model, title="A static embedding model", paragraphs=[sentence], provenance=config
        )


@contextmanager
def _own_progress(inference: Any) -> Iterator[None]:
    """The passes of model2vec as our progress, in the place of its bar; a remark on padding is left out."""
    logger, tqdm = logging.getLogger("skeletoken"), inference.tqdm
    with ExitStack() as stack:

        def bar(*, total: int, **_: Any) -> SimpleNamespace:
            return SimpleNamespace(update=stack.enter_context(Progress("distil", total=total, unit="tokens")).advance)

        stack.callback(setattr, inference, "tqdm", tqdm)
        stack.callback(logger.setLevel, logger.level)
        inference.tqdm = bar
        logger.setLevel(logging.ERROR)
        yield
