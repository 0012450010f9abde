"""A collection and a tokenizer small enough that a training takes a second or two."""

import random
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from mecelle.base.collection import write_documents
from mecelle.base.document import Document, make_document

STEMS = ("mahkeme", "karar", "davacı", "davalı", "kira", "sözleşme", "temyiz", "tazminat", "madde", "kanun", "dosya")
SUFFIXES = ("", "nin", "den", "ler", "yi")


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def make_documents(count: int) -> list[Document]:
    """`count` documents of 5 to 60 words."""
    rng = random.Random(0)
    return [
        make_document(
            " ".join(rng.choice(STEMS) + rng.choice(SUFFIXES) for _ in range(rng.randint(5, 60))),
            kind="decision",
            source=f"test:{number}",
        )
        for number in range(count)
    ]


@pytest.fixture(scope="session")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 documents."""
    folder = tmp_path_factory.mktemp("collection") / "documents"
    write_documents(make_documents(60), folder)
    return folder


@pytest.fixture(scope="session")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A WordPiece tokenizer of 80 tokens, with the special tokens of an encoder."""
    folder = tmp_path_factory.mktemp("tokenizer")
    special = {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
    backend = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=80, special_tokens=["[UNK]", *special.values()], show_progress=False)
    backend.train_from_iterator([document.text for document in make_documents(60)], trainer)
    PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="[UNK]", **special).save_pretrained(folder)
    return folder
