"""Stage "convert": a causal language model becomes an embedding model (Mecellem §3.4.9).

The head goes, attention becomes bidirectional, tokens are averaged, and a projection that begins as the identity
follows. The folder needs no code of ours: `"is_causal": false` in config.json is what transformers 5 reads.
A version that does not know the key passes over it in silence, so that the card names it.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from pydantic import Field
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer
from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedTokenizerBase

from mecelle.base import artifacts
from mecelle.base.errors import ConfigError, MismatchError
from mecelle.embedding.conversion.probe import least_effect_of_last_token
from mecelle.embedding.derived import Provenance, write_derived_card
from mecelle.embedding.model import save_model
from mecelle.models.folders import find_folder
from mecelle.models.loading import check_length, told_when_unloadable
from mecelle.models.prompts import prompts_of
from mecelle.models.quiet import quiet

STAGE = "convert"
VERSION = 1


class ConversionConfig(Provenance):
    """How a decoder is turned into an embedding model. Source: Mecellem §3.4.9."""

    max_length: int = Field(default=512, ge=8)
    """Tokens of a text that the model reads, within its positions."""
    projection: bool = True
    """Whether a linear layer follows the pooling, as wide as the model and the identity at first."""
    query_prompt: str | None = None
    """Put before each query by whoever loads the model; null takes that of the model, of which a decoder has none."""
    document_prompt: str | None = None
    """Put before each document; null as above."""


def convert(decoder: Path | str, out: Path, config: ConversionConfig) -> None:
    """Make the artifact `out` of stage "convert": a sentence-transformers folder in float32.

    decoder: a Hugging Face folder of a causal language model with its tokenizer, or a hub id. Nothing is drawn, so
    there is no seed.
    Raises ArtifactError if it does not load, ConfigError if its architecture goes on looking back alone, or max_length
    is beyond its positions, MismatchError for a tokenizer without any token to pad with.
    """
    folder = find_folder(decoder)
    inputs: dict[str, Path | str] = {"decoder": decoder}
    with (
        quiet(),
        artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=None) as run,
    ):
        transformer, tokenizer = open_both_ways(folder, config.max_length)
        effect = least_effect_of_last_token(transformer)
        save_as_encoder(transformer, tokenizer, run.folder, config, base=folder)
        sizes = {
            "parameters": sum(p.numel() for p in transformer.parameters()),
            "width": transformer.config.hidden_size,
        }
        run.figures.update(sizes, architecture=type(transformer).__name__, effect_of_last_token=round(effect, 6))
        paragraphs = [
            f"A {type(transformer).__name__} whose attention looks both ways (`is_causal: false` in config.json, which "
            "transformers 5 obeys; a version that does not know the key looks back alone without a word), without its "
            "head, with mean pooling"
            + (" and a projection that begins as the identity." if config.projection else "."),
            "Converted, not trained: without contrastive training its vectors are of little use.",
        ]
        write_derived_card(
            run.folder, base=decoder, title="A decoder turned encoder", paragraphs=paragraphs, provenance=config
        )


def open_both_ways(folder: Path, max_length: int) -> tuple[Any, PreTrainedTokenizerBase]:
    """The decoder without its head, in float32, with attention to both sides, and its tokenizer that pads.

    Raises what `convert` raises.
    """
    with told_when_unloadable(folder, "a language model"):
        settings = AutoConfig.from_pretrained(str(folder))
        settings.is_causal = False
        transformer = AutoModel.from_pretrained(str(folder), config=settings, dtype=torch.float32).eval()
        tokenizer = AutoTokenizer.from_pretrained(str(folder))
    check_length(transformer, max_length, folder)
    if least_effect_of_last_token(transformer) == 0:
        raise ConfigError(
            f"{folder}: {type(transformer).__name__} looks back alone whatever its config says, so it cannot be "
            "converted; Qwen3, Llama and Mistral can"
        )
    make_padding(tokenizer, folder)
    return transformer, tokenizer


def make_padding(tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Let `tokenizer` pad on the right, where positions of the text stay what they are.

    A decoder's tokenizer without a padding token pads with its end of text: padded places are attended by no one.
    Raises MismatchError if it has neither.
    """
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    if tokenizer.pad_token is None:
        raise MismatchError(f"{folder}: the tokenizer has neither a padding nor an end token; give it one of them")
    tokenizer.padding_side = "right"


def save_as_encoder(
    transformer: Any, tokenizer: PreTrainedTokenizerBase, folder: Path, config: ConversionConfig, *, base: Path
) -> None:
    """Write transformer, tokenizer, mean pooling, projection and unit length as a sentence-transformers folder.

    base: the folder it was made of, whose prompts stay where `config` names none.
    """
    transformer.config.pad_token_id = tokenizer.pad_token_id
    transformer.config.use_cache = False
    tokenizer.chat_template = None  # with one, sentence-transformers would take texts for conversations
    width = int(transformer.config.hidden_size)
    prompts = prompts_of(base, query=config.query_prompt, document=config.document_prompt)
    with TemporaryDirectory() as plain:
        transformer.save_pretrained(plain)
        tokenizer.save_pretrained(plain)
        modules: list[Any] = [Transformer(plain, max_seq_length=config.max_length), Pooling(width, pooling_mode="mean")]
        modules += [_identity(width)] if config.projection else []
        model = SentenceTransformer(modules=[*modules, Normalize()], device="cpu", prompts=prompts)
        save_model(model, folder)


def _identity(width: int) -> Dense:
    layer = Dense(width, width, bias=False, activation_function=torch.nn.Identity())
    with torch.no_grad():
        layer.linear.weight.copy_(torch.eye(width))
    return layer
