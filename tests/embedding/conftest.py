"""A tiny random ModernBERT with a tiny WordPiece tokenizer, and pairs that it can learn in seconds."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import ModernBertConfig, ModernBertForMaskedLM, PreTrainedTokenizerFast

from mecelle.base import artifacts
from mecelle.embedding.pairs.record import Draft, Pair, make_pair, write_pairs

SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
SUBJECTS = [
    "kira",
    "iş",
    "miras",
    "nafaka",
    "ipotek",
    "haciz",
    "tazminat",
    "boşanma",
    "velayet",
    "vergi",
    "sigorta",
    "kefalet",
]
PLACES = ["mahkeme", "daire", "kurul", "noter", "müdürlük", "komisyon", "savcılık", "heyet"]


def tiny_encoder(folder: Path, *, vocabulary: int = 300) -> Path:
    """Write model and tokenizer into `folder`, as the stage "encoder" does; returns it."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(
        [f"{pair.query} {pair.document}" for pair in tiny_pairs(96)],
        trainers.WordPieceTrainer(vocab_size=vocabulary, special_tokens=SPECIALS, show_progress=False),
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=64, pad_token="[PAD]", unk_token="[UNK]",
        cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]",
    )  # fmt: skip
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = ModernBertConfig(
        vocab_size=len(fast), hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=64, pad_token_id=0, cls_token_id=2, sep_token_id=3, bos_token_id=2, eos_token_id=3,
    )  # fmt: skip
    ModernBertForMaskedLM(config).save_pretrained(folder)
    return folder


def tiny_pairs(count: int) -> list[Pair]:
    """Pairs that differ in two words each: "kira mahkeme 3" -> a sentence with these words."""
    pairs = []
    for number in range(count):
        subject, place = SUBJECTS[number % len(SUBJECTS)], PLACES[number // len(SUBJECTS) % len(PLACES)]
        draft = Draft(
            query=f"{subject} için {place} {number}",
            document=f"MADDE {number} - Bu hâlde {place} tarafından {subject} hakkında karar verilir.",
            query_id=f"statute-{number // 4}",
            document_id=f"statute-{number // 4}",
        )
        pairs.append(make_pair(draft, kind=f"kind_{number % 2}.v1"))
    return pairs


@pytest.fixture(scope="session")
def make_encoder() -> Callable[[Path], Path]:
    """Writes a tiny encoder with its tokenizer into a folder."""
    return tiny_encoder


@pytest.fixture(scope="session")
def make_pairs() -> Callable[[int], list[Pair]]:
    """Makes so many pairs that differ in two words each."""
    return tiny_pairs


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_encoder(tmp_path_factory.mktemp("model") / "encoder")


@pytest.fixture(scope="session")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pairs") / "pairs"
    with artifacts.create(out, stage="pairs", version=1, parameters={}, inputs={}, seed=1) as run:
        write_pairs(tiny_pairs(96), run.folder)
    return out
