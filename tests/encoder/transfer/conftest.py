"""Small tokenizers of three spellings, and small random models of three families."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    BertConfig,
    BertForMaskedLM,
    ModernBertConfig,
    ModernBertForMaskedLM,
    PreTrainedTokenizerFast,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
)

BERT_ROLES = {
    "pad_token": "[PAD]",
    "unk_token": "[UNK]",
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "mask_token": "[MASK]",
}
XLM_ROLES = {
    "bos_token": "<s>",
    "pad_token": "<pad>",
    "eos_token": "</s>",
    "unk_token": "<unk>",
    "mask_token": "<mask>",
}


def wordpiece(words: list[str], *, specials: list[str] | None = None, **roles: str) -> PreTrainedTokenizerFast:
    """WordPiece over `words`, special tokens first."""
    specials = specials or list(BERT_ROLES.values())
    entries = {entry: number for number, entry in enumerate([*specials, *words])}
    backend = Tokenizer(models.WordPiece(entries, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.decoder = decoders.WordPiece()
    return PreTrainedTokenizerFast(tokenizer_object=backend, **(roles or BERT_ROLES))


def bpe(words: list[str]) -> PreTrainedTokenizerFast:
    """Byte-level BPE with an entry for each of `words` (" karar" begins a word), special tokens last."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    cut = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    merges: dict[tuple[str, str], None] = {}
    for word in words:
        spelled = cut.pre_tokenize_str(word)[0][0]
        for end in range(1, len(spelled)):
            merges[spelled[:end], spelled[end]] = None
    entries = dict.fromkeys([*letters, *(left + right for left, right in merges), *BERT_ROLES.values()])
    backend = Tokenizer(models.BPE({entry: number for number, entry in enumerate(entries)}, list(merges)))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=backend, **BERT_ROLES)


def unigram(words: list[str]) -> PreTrainedTokenizerFast:
    """SentencePiece's Unigram with XLM-RoBERTa's special tokens, which call cls `<s>` and sep `</s>`."""
    pieces = [*(("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)), *((word, -5.0) for word in words)]
    backend = Tokenizer(models.Unigram([*pieces, ("<mask>", 0.0)], unk_id=3))
    backend.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    backend.decoder = decoders.Metaspace()
    return PreTrainedTokenizerFast(tokenizer_object=backend, cls_token="<s>", sep_token="</s>", **XLM_ROLES)


def make_model(family: str, tokenizer: Any, *, padded_to: int | None = None, **changes: Any) -> Any:
    """A random model of `family` for a tokenizer, whose biases are random too."""
    sizes = {
        "vocab_size": padded_to or len(tokenizer),
        "hidden_size": 16,
        "intermediate_size": 24,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "max_position_embeddings": 32,
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": tokenizer.cls_token_id,
        "eos_token_id": tokenizer.sep_token_id,
        **changes,
    }
    torch.manual_seed(0)
    if family == "modernbert":
        config = ModernBertConfig(**sizes, cls_token_id=tokenizer.cls_token_id, sep_token_id=tokenizer.sep_token_id)
        model: Any = ModernBertForMaskedLM(config)
    elif family == "bert":
        model = BertForMaskedLM(BertConfig(**sizes))
    else:
        model = XLMRobertaForMaskedLM(XLMRobertaConfig(**sizes, type_vocab_size=1))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" not in name.casefold():
                weight.normal_(0, 0.3)
    return model.eval()


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """Writes a model or a tokenizer or both into a folder of its own."""

    def write(name: str, *parts: Any) -> Path:
        for part in parts:
            part.save_pretrained(tmp_path / name)
        return tmp_path / name

    return write


@pytest.fixture(scope="session")
def build() -> Any:
    """The makers above, for tests: `build.wordpiece([...])`."""
    return type("Build", (), {f.__name__: staticmethod(f) for f in (wordpiece, bpe, unigram, make_model)})
