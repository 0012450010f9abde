"""A run with eight snapshots on the tiny sample, and all that a choice among them is made of."""

from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from mecelle.base.collection import read_jsonl, write_documents
from mecelle.base.document import make_document
from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.pretrain import pretrain
from mecelle.encoder.shapes import SMOKE
from mecelle.sample.generate import generate
from mecelle.sample.records import SampleSize
from mecelle.sample.write import write

SUFFIXES = {"Nom": "", "Gen": "nin", "Abl": "den", "Acc": "yi"}
STEMS = ("dava", "karar", "kira", "mahkeme", "madde", "kanun", "dosya", "taraf")


@dataclass(frozen=True)
class Material:
    """Where everything lies."""

    run: Path
    queries: Path
    documents: Path
    heldout: Path
    pairs: Path
    treebank: Path


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """Made once."""
    torch.set_num_threads(1)
    place = tmp_path_factory.mktemp("choice")
    write(generate(seed=7, size=SampleSize.tiny()), place / "sample", seed=7)
    truth = place / "sample" / "truth"
    texts = [row["text"] for row in read_jsonl(truth / "articles.jsonl")]
    half = len(texts) // 2
    write_documents(
        [make_document(text, kind="article", source=f"test:{number}") for number, text in enumerate(texts[:half])],
        place / "documents",
    )
    write_rows(place / "heldout.jsonl", [{"text": text} for text in texts[half:]])
    write_rows(
        place / "pairs.jsonl", [{"query": text[:60], "document": text[60:]} for text in texts[:half] if len(text) > 100]
    )
    write_rows(place / "treebank.jsonl", treebank())
    train_tokenizer(texts).save_pretrained(place / "tokenizer")
    config = EncoderConfig(
        shape=SMOKE, sequence_length=64, budget_tokens=64 * 8 * 24, tokens_per_step=64 * 8, rows_per_batch=8,
        learning_rate=5e-3, evaluation_rows=4, evaluations=2, logs=12, checkpoint_minutes=60, precision="fp32",
        snapshots=tuple(share / 8 for share in range(1, 9)),
    )  # fmt: skip
    pretrain(place / "documents", place / "tokenizer", place / "encoder", config, seed=3, work=place / "work")
    return Material(
        run=place / "encoder",
        queries=truth / "questions.jsonl",
        documents=truth / "articles.jsonl",
        heldout=place / "heldout.jsonl",
        pairs=place / "pairs.jsonl",
        treebank=place / "treebank.jsonl",
    )


def treebank() -> list[dict[str, str]]:
    """40 sentences of four nouns and a verb."""
    rows = []
    for sentence in range(40):
        for place in range(4):
            case = list(SUFFIXES)[(sentence + place) % 4]
            form = STEMS[(sentence * 3 + place * 5) % len(STEMS)] + SUFFIXES[case]
            number = ("Sing", "Plur")[sentence % 2]
            rows.append(word(sentence, place + 1, form, "NOUN", f"Case={case}|Number={number}"))
        rows.append(word(sentence, 5, f"verdi{sentence % 10}", "VERB", "Number=Sing"))
    return rows


def word(sentence: int, place: int, form: str, upos: str, feats: str) -> dict[str, str]:
    return {"form": form, "upos": upos, "feats": feats, "id": str(place), "sent": str(sentence), "tb": "T"}


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))


def train_tokenizer(texts: list[str]) -> PreTrainedTokenizerFast:
    special = {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
    backend = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=400, special_tokens=["[UNK]", *special.values()], show_progress=False
    )
    backend.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="[UNK]", **special)
