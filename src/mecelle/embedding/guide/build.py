"""Stage "guide": every text of the pairs, embedded once by the guide."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import orjson
from pydantic import Field

from mecelle.base import artifacts
from mecelle.base.config import Config
from mecelle.base.errors import ConfigError, InputError
from mecelle.base.locks import lock
from mecelle.base.progress import Progress
from mecelle.base.protocols import Role, TextEncoder
from mecelle.embedding.guide.store import VectorStore
from mecelle.embedding.guide.vectors import KEY_TYPE, guide_key
from mecelle.embedding.pairs.record import read_pairs
from mecelle.models.embedding_endpoint import EndpointEncoder
from mecelle.models.endpoint import Endpoint
from mecelle.models.names import load_encoder

STAGE = "guide"
VERSION = 2

SEGMENT_TEXTS = 1024
"""Texts between two writes: what a killed run embeds again, about ten seconds of the packaged guide."""


class GuideConfig(Config):
    """Which model guides."""

    model: str = "package:use"
    """Folder, hub id or `package:` name. Mecellem (§3.3.5) uses BAAI/bge-m3 and google/embeddinggemma-300m."""
    endpoint: Endpoint | None = None
    """An OpenAI-compatible server, whose /embeddings guide in the place of `model`."""
    query_prompt: str | None = None
    """Put before each query; null takes the model's own, of which an endpoint has none."""
    document_prompt: str | None = None
    """Put before each document; null as above."""
    precision: Literal["float16", "int8"] = "float16"
    """Of the artifact: int8 takes half the room, and lets the guide decide otherwise about near-ties."""
    batch: int = Field(default=32, ge=1)
    """Texts at a time; no part of the result but for the last bits."""
    max_length: int | None = Field(default=None, ge=1)
    """Tokens of a text that the guide reads; null takes the guide's own limit."""


def cache_guide(pairs: Path, out: Path, config: GuideConfig, *, cache: Path | None = None) -> None:
    """Make the artifact `out` of stage "guide": vectors of all distinct texts of `pairs`, keyed by content.

    cache: folder that vectors are shared through across runs, by fingerprint of the guide and content of the text:
    only new texts are embedded, and a killed run goes on where it was. Without it they lie beside `out` while at work.
    Nothing is drawn, so there is no seed.
    Raises InputError if there are no pairs, and what `mecelle.models.load_encoder` raises for the name of the model.
    """
    folder = cache if cache is not None else out.with_name(out.name + ".cache")
    inputs: dict[str, Path | str] = {"pairs": pairs, "guide": config.endpoint.url if config.endpoint else config.model}
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=None) as run:
        texts = _distinct_texts(pairs)
        encoder = _encoder(config)
        place = folder / encoder.fingerprint
        with lock(place / "lock", doing=f"embedding with the guide {encoder.name}"):
            store = VectorStore(place)
            new = [key for key in texts if key not in store]
            _embed(encoder, [(key, *texts[key]) for key in new], store)
            keys = np.array(sorted(texts), dtype=KEY_TYPE)
            np.save(run.folder / "keys.npy", keys)
            vectors = np.lib.format.open_memmap(
                run.folder / "vectors.npy", mode="w+", dtype=config.precision, shape=(len(keys), encoder.dimension)
            )
            store.gather(keys, vectors)
            vectors.flush()
        facts = {"name": encoder.name, "fingerprint": encoder.fingerprint, "dimension": encoder.dimension}
        (run.folder / "guide.json").write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2))
        run.accounts.unit = "texts"
        run.accounts.keep(len(texts))
        # Truncated texts are those of this run: what came from the cache was counted when it was embedded.
        truncated = getattr(encoder, "truncated_texts", None)
        run.figures.update(facts, embedded=len(new), cached=len(texts) - len(new), truncated=truncated)


def _encoder(config: GuideConfig) -> TextEncoder:
    given: dict[Role, str | None] = {"query": config.query_prompt, "document": config.document_prompt}
    prompts = {role: prompt for role, prompt in given.items() if prompt is not None}
    if config.endpoint is None:
        return load_encoder(config.model, batch_size=config.batch, max_length=config.max_length, prompts=prompts)
    if config.max_length is not None:
        raise ConfigError("max_length: a guide behind an endpoint has its own limit; leave max_length out")
    return EndpointEncoder(config.endpoint, batch_size=config.batch, prompts=prompts)


def _distinct_texts(pairs: Path) -> dict[bytes, tuple[str, Role]]:
    """Texts by key, in the order of the pairs."""
    texts: dict[bytes, tuple[str, Role]] = {}
    for pair in read_pairs(pairs):
        texts.setdefault(guide_key(pair.query, "query"), (pair.query, "query"))
        for text in (pair.document, *pair.negatives):
            texts.setdefault(guide_key(text, "document"), (text, "document"))
    if not texts:
        raise InputError(f"{pairs}: no pairs in it, so there is nothing to embed; make pairs first")
    return texts


def _embed(encoder: TextEncoder, new: Sequence[tuple[bytes, str, Role]], store: VectorStore) -> None:
    with Progress("guide", total=len(new), unit="texts") as progress:
        for segment, role in _segments(new):
            store.add([key for key, _, _ in segment], encoder.encode([text for _, text, _ in segment], role=role))
            progress.advance(len(segment))


def _segments(new: Sequence[tuple[bytes, str, Role]]) -> Iterator[tuple[list[tuple[bytes, str, Role]], Role]]:
    roles: tuple[Role, Role] = ("query", "document")
    for role in roles:
        mine = [item for item in new if item[2] == role]
        for start in range(0, len(mine), SEGMENT_TEXTS):
            yield mine[start : start + SEGMENT_TEXTS], role
