"""From the name of a model to the model."""

import os
from collections.abc import Mapping
from pathlib import Path

from mecelle.base.errors import ConfigError
from mecelle.base.machine import available_cores
from mecelle.base.protocols import Precision, Role, TextEncoder
from mecelle.models.folders import PACKAGE_PREFIX, find_folder
from mecelle.models.onnx import OnnxEncoder, has_graph_alone
from mecelle.models.packaged import PACKAGED


def load_encoder(
    name: str | Path,
    *,
    device: str = "cpu",
    batch_size: int = 32,
    max_length: int | None = None,
    prompts: Mapping[Role, str] | None = None,
    threads: int | None = None,
    precision: Precision = "fp32",
) -> TextEncoder:
    """The text encoder called `name`: a folder, a hub id (`intfloat/multilingual-e5-base`) or `package:use`.

    A folder may hold a sentence-transformers model, a plain Hugging Face encoder, which is used with mean pooling, or
    an exported graph (ONNX).
    batch_size: texts at a time; max_length: in tokens, None takes the model's own limit; prompts: text put before
    queries and documents, None takes the model's own; threads: of packaged models, None takes OMP_NUM_THREADS, else all
    cores that the process may use (folders and hub models follow torch's setting);
    precision: of the weights of folders and hub models, "auto" takes bf16 where the machine has it in hardware.
    Raises ConfigError for an unknown package name or a setting the model cannot have, ArtifactError for a folder
    without a model, InputError for a hub id that cannot be had, MissingPackageError if a library is not installed.
    """
    if batch_size < 1:
        raise ConfigError(f"batch_size {batch_size}: allowed is 1 or more texts at a time")
    if isinstance(name, str) and name.startswith(PACKAGE_PREFIX):
        if prompts:
            raise ConfigError(f"{name}: packaged models have their own prompts; leave the prompts out")
        threads = threads or int(os.environ.get("OMP_NUM_THREADS") or available_cores())
        packaged = PACKAGED.get(name.removeprefix(PACKAGE_PREFIX))
        return packaged(batch_size=batch_size, max_length=max_length, threads=threads, precision=precision)
    folder = find_folder(name)
    if has_graph_alone(folder):
        if prompts:
            raise ConfigError(f"{name}: exported models have their own prompts; leave the prompts out")
        return OnnxEncoder(folder, name=str(name), batch_size=batch_size, max_length=max_length, threads=threads)
    # Torch is slow to import: only who uses it waits for it.
    from mecelle.models.st import SentenceTransformerEncoder

    return SentenceTransformerEncoder(
        folder,
        name=str(name),
        device=device,
        batch_size=batch_size,
        max_length=max_length,
        prompts=prompts,
        precision=precision,
    )
