"""Stage "export": an embedding model as an ONNX graph, for runtimes without torch.

OUT/onnx/model.onnx        ids and mask -> token vectors and text vector, in float32
OUT/onnx/model_int8.onnx   the same with 8-bit weights, if asked for
Beside it lie tokenizer, settings and card, where other runtimes, and sentence-transformers with `backend="onnx"`,
expect them.
"""

import logging
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn

from mecelle.base import artifacts
from mecelle.base.config import Config
from mecelle.base.errors import ConfigError, MecelleError, require
from mecelle.embedding.model import check_transformer, save_model
from mecelle.embedding.quantise import drop_storage
from mecelle.models.folders import find_folder
from mecelle.models.loading import positions_of, told_when_unloadable
from mecelle.models.onnx import OnnxEncoder
from mecelle.models.quiet import quiet

STAGE = "export"
VERSION = 2

INPUTS = ("input_ids", "attention_mask")
OUTPUTS = ("token_embeddings", "sentence_embedding")
EXAMPLES = (
    "Kiracı, kira bedelini ödemekle yükümlüdür.",
    "işe iade",
    "Av. T.C. 2024/3494 E. sayılı dosyada karar verildi.",
)
"""What both models embed after the export; their vectors must agree."""
TERMS = ("README.md", "LICENSE*", "NOTICE*")
"""Copied: what the model is, and what may be done with it."""


class ExportConfig(Config):
    """What is written."""

    int8: bool = False
    """Whether a graph with 8-bit weights and arithmetic is written too (dynamic quantisation)."""
    opset: int = Field(default=18, ge=18)
    """Version of the ONNX operators."""
    tolerance: float = Field(default=1e-4, gt=0)
    """Largest difference of a component, over the examples, between the graph in float32 and the model."""


class _Graph(nn.Module):
    """All modules of the model, as a function of tensors."""

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        features = self.model({"input_ids": input_ids, "attention_mask": attention_mask})
        return tuple(features[name] for name in OUTPUTS)


def export_onnx(model: Path | str, out: Path, config: ExportConfig) -> None:
    """Make the artifact `out` of stage "export". model: a sentence-transformers or plain encoder, folder or hub id.

    Raises ArtifactError if it does not load, ConfigError for a static model or one whose length has no limit,
    MecelleError if its graph cannot be written or does not agree with it, MissingPackageError without onnx, onnxscript
    and onnxruntime.
    """
    for package in ("onnx", "onnxscript", "onnxruntime"):
        require(package, extra="onnx", why="Export to ONNX")
    folder = find_folder(model)
    with (
        quiet(),
        artifacts.create(
            out, stage=STAGE, version=VERSION, parameters=config, inputs={"model": model}, seed=None
        ) as run,
    ):
        with told_when_unloadable(folder, "an embedding model"):
            whole = SentenceTransformer(str(folder), device="cpu").float().eval()
        check_transformer(whole, folder, "exported")
        _write_settings(whole, folder, run.folder)
        whole[0].auto_model.set_attn_implementation("eager")  # its masks are traced without branches on the data
        graph = run.folder / "onnx" / "model.onnx"
        graph.parent.mkdir()
        _write_graph(whole, graph, config)
        expected = whole.encode(list(EXAMPLES), normalize_embeddings=True)
        worst = float(np.abs(_vectors(run.folder, graph) - expected).max())
        if worst > config.tolerance:
            raise MecelleError(
                f"{folder}: the graph's vectors differ from the model's by up to {worst:.2g}, allowed are "
                f"{config.tolerance:g} (tolerance); its architecture cannot be exported faithfully"
            )
        run.figures |= {"greatest_difference": worst, "megabytes": _megabytes(graph)}
        if config.int8:
            small = graph.with_name("model_int8.onnx")
            _quantise(graph, small)
            cosines = (_vectors(run.folder, small) * expected).sum(axis=1)
            run.figures |= {"int8_least_cosine": float(cosines.min()), "int8_megabytes": _megabytes(small)}


def _write_settings(model: SentenceTransformer, folder: Path, out: Path) -> None:
    """Tokenizer, settings and card; whatever file of the model had the limit of its length, the tokenizer has it."""
    positions = positions_of(model[0].auto_model)
    limits = [limit for limit in (model.max_seq_length, positions) if limit]
    if not limits:
        raise ConfigError(f"{folder}: does not say how many tokens it reads; set model_max_length of its tokenizer")
    model.max_seq_length = model.tokenizer.model_max_length = min(limits)
    save_model(model, out)
    for weights in out.rglob("*.safetensors"):  # they are in the graph
        weights.unlink()
    for pattern in TERMS:
        for file in folder.glob(pattern):
            shutil.copyfile(file, out / file.name)
    drop_storage(out / "README.md")


def _write_graph(model: SentenceTransformer, path: Path, config: ExportConfig) -> None:
    example = model.tokenizer(list(EXAMPLES), padding=True, truncation=True, return_tensors="pt")
    free = {0: torch.export.Dim("texts", min=1), 1: torch.export.Dim("tokens", min=1, max=model.max_seq_length)}
    try:
        with warnings.catch_warnings(), _without_advice():
            warnings.simplefilter("ignore")  # the exporter's, about its own insides; `export_onnx` compares the vectors
            torch.onnx.export(
                _Graph(model).eval(),
                tuple(example[name] for name in INPUTS),
                str(path),
                input_names=list(INPUTS),
                output_names=list(OUTPUTS),
                dynamic_shapes=(free, free),
                opset_version=config.opset,
                external_data=False,
                dynamo=True,
                verbose=False,
            )
    except (RuntimeError, ValueError, TypeError, torch.onnx.errors.OnnxExporterError) as error:
        raise MecelleError(
            f"the model has no ONNX graph ({type(error).__name__}: {str(error).strip().splitlines()[0]}); export an "
            "encoder of another architecture"
        ) from error


def _quantise(source: Path, target: Path) -> None:
    library = require("onnxruntime.quantization", extra="onnx", why="A graph with 8-bit weights")
    with _without_advice():
        library.quantize_dynamic(source, target, weight_type=library.QuantType.QInt8, per_channel=True)


@contextmanager
def _without_advice() -> Iterator[None]:
    """The exporter misses torchvision, and the quantiser advises steps that the exporter has done."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _vectors(folder: Path, graph: Path) -> NDArray[np.float32]:
    encoder: Any = OnnxEncoder(folder, name=str(folder), graph=graph.name)
    encoder.prompts = {"query": "", "document": ""}
    return encoder.encode(EXAMPLES)  # type: ignore[no-any-return]


def _megabytes(path: Path) -> float:
    return round(path.stat().st_size / 1e6, 3)
