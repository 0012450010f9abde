"""Stage "quantise": an embedding model in a quarter of the space, and what that does to its vectors."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
from huggingface_hub import metadata_save
from pydantic import Field
from sentence_transformers import SentenceTransformer

from mecelle.base import artifacts
from mecelle.base.errors import ConfigError
from mecelle.embedding.derived import Provenance, front_matter, write_derived_card
from mecelle.models import int8
from mecelle.models.folders import find_folder, is_sentence_transformer
from mecelle.models.quiet import quiet
from mecelle.tokenizer.measure.texts import draw_sample

STAGE = "quantise"
VERSION = 2
MEGABYTE = 1_000_000
PASSAGE = 1_000
"""Characters of the passages that are compared."""


STORAGE = """
## Storage
Weights are stored in 8 bits, with a scale for each row. Mecelle uses this folder as it is; `mecelle export FOLDER --out
PLAIN` writes the ordinary sentence-transformers folder that the example above loads.
"""


def drop_storage(card: Path) -> None:
    """Take out of a model's card, if there is one, how its weights were stored in 8 bits."""
    if card.is_file():
        card.write_text(card.read_text(encoding="utf-8").replace(STORAGE, ""), encoding="utf-8")


class QuantiseConfig(Provenance):
    """How the smaller model is checked."""

    most_megabytes: float | None = Field(default=None, gt=0)
    """Largest size of the folder, in millions of bytes; null for any."""
    max_length: int | None = Field(default=None, ge=8)
    """Tokens of a text that the small model reads, specials and prompt included; null for as many as before."""
    compared: int = Field(default=200, ge=1)
    """Passages of the texts that both models embed."""
    title: str = "A Turkish legal retrieval model in 8 bits"
    """First heading of the card, where the model has no card of its own."""


def quantise(model: Path | str, out: Path, config: QuantiseConfig, *, seed: int, texts: Sequence[Path] = ()) -> None:
    """Make the artifact `out` of stage "quantise": the sentence-transformers model with int8 weights.

    It is used by its folder like any other model; without Mecelle, `mecelle export` writes it as a plain folder.
    texts: collections or files to compare vectors on; none: they are not compared.
    Raises ArtifactError for a folder that is packed already or no sentence-transformers model, ConfigError if it is
    larger than `most_megabytes`, InputError for weights that are no numbers.
    """
    folder = find_folder(model)
    if not is_sentence_transformer(folder):
        raise ConfigError(f"{folder}: expected a sentence-transformers model; train the encoder for retrieval first")
    inputs: dict[str, Path | str] = {"model": model, **{f"texts_{n}": path for n, path in enumerate(texts)}}
    with (
        quiet(),
        artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run,
    ):
        int8.pack(folder, run.folder)
        before = _read_up_to(run.folder, config.max_length) if config.max_length else None
        _write_card(run.folder, model, config, before)
        size = _bytes(run.folder)
        if config.most_megabytes is not None and size > config.most_megabytes * MEGABYTE:
            raise ConfigError(
                f"{size / MEGABYTE:.1f} MB in 8 bits, allowed are {config.most_megabytes} (most_megabytes); prune more "
                "of the vocabulary (mecelle embedding prune --set size=...)"
            )
        run.figures["megabytes"] = round(size / MEGABYTE, 3)
        run.figures["megabytes_before"] = round(_bytes(folder) / MEGABYTE, 3)
        if texts:
            run.figures |= _compared(folder, run.folder, texts, config, seed)


def _read_up_to(packed: Path, length: int) -> int:
    """Set the limit that sentence-transformers reads; gives the one before. Raises ConfigError beyond the positions."""
    positions: int = orjson.loads((packed / "config.json").read_bytes()).get("max_position_embeddings", length)
    if length > positions:
        raise ConfigError(f"max_length {length} tokens: the model has {positions} positions")
    found = [_set(packed / "tokenizer_config.json", "model_max_length", length)]
    older = packed / "sentence_bert_config.json"
    if older.is_file() and "max_seq_length" in orjson.loads(older.read_bytes()):  # goes before the tokenizer's
        found.insert(0, _set(older, "max_seq_length", length))
    return next((one for one in found if one), positions)


def _set(place: Path, key: str, value: int) -> int | None:
    """Write a value into a file of settings; gives the one before."""
    settings = orjson.loads(place.read_bytes())
    before: int | None = settings.get(key)
    place.write_bytes(orjson.dumps(settings | {key: value}, option=orjson.OPT_INDENT_2))
    return before


def _write_card(packed: Path, base: Path | str, config: QuantiseConfig, before: int | None) -> None:
    """The base's card with what the parameters add to it, or a new one; either says how the weights are stored.

    before: tokens that the base reads, if the small model reads another number.
    """
    card = packed / "README.md"
    if not card.exists():
        write_derived_card(packed, base=base, title=config.title, paragraphs=[], provenance=config)
    given = {"license": config.licence, "base_model": config.base_name}
    metadata_save(card, front_matter(packed) | {name: value for name, value in given.items() if value})
    told = card.read_text(encoding="utf-8").replace(f"up to {before} tokens", f"up to {config.max_length} tokens")
    card.write_text(told + STORAGE, encoding="utf-8")


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _compared(
    folder: Path, packed: Path, texts: Sequence[Path], config: QuantiseConfig, seed: int
) -> dict[str, float | int]:
    passages = [text.joined[:PASSAGE] for text in draw_sample(texts, most=config.compared, seed=seed).texts]
    with TemporaryDirectory() as place:
        int8.unpack(packed, Path(place))
        sides = [
            SentenceTransformer(str(one), device="cpu").encode(passages, normalize_embeddings=True)
            for one in (folder, place)
        ]
    cosines = (sides[0] * sides[1]).sum(axis=1)
    return {
        "passages": len(passages),
        "mean_cosine": round(float(cosines.mean()), 6),
        "least_cosine": round(float(cosines.min()), 6),
    }
