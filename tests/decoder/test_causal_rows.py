"""Rows of a decoder: a document begins and ends where it does, and no label leads from one into another."""

from pathlib import Path

import numpy as np
import pytest
from tokenizers.processors import TemplateProcessing
from transformers import AutoTokenizer

from mecelle.base.collection import write_documents
from mecelle.base.document import make_document
from mecelle.base.errors import MismatchError
from mecelle.decoder.rows import CausalRows, collate, pack
from mecelle.decoder.special_tokens import SpecialTokens, load_tokenizer
from mecelle.training.packing import PackConfig
from mecelle.training.pieces import IGNORED

LENGTH = 32


@pytest.fixture(scope="module")
def rows(
    collection: Path, tokenizer: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[CausalRows, SpecialTokens]:
    folder = tmp_path_factory.mktemp("pack") / "pack"
    loaded, special = load_tokenizer(tokenizer)
    pack(collection, tokenizer, loaded, special, folder, PackConfig(sequence_length=LENGTH, evaluation_rows=4), seed=1)
    return CausalRows(folder, "training", pad=special.pad), special


def test_documents_are_whole_between_their_begin_and_end(rows: tuple[CausalRows, SpecialTokens]) -> None:
    packed, special = rows
    found = [packed[number] for number in range(len(packed))]
    begins = sum(int((row["ids"] == special.begin).sum()) for row in found)
    ends = sum(int((row["ids"] == special.end).sum()) for row in found)
    documents = len(np.unique(packed.pieces[:, 0]))
    assert begins == ends == documents
    assert len(packed.pieces) > documents  # some are cut: their later pieces have no begin, the earlier no end
    used = sum(int((row["block"] >= 0).sum()) for row in found)
    assert used == packed.used().sum() == packed.pieces[:, 2].sum()


def test_labels_are_the_next_token_of_the_same_piece(rows: tuple[CausalRows, SpecialTokens]) -> None:
    packed, special = rows
    several = next(row for row in map(packed.__getitem__, range(len(packed))) if row["block"].max() > 0)
    for place in range(LENGTH):
        follows = place + 1 < LENGTH and several["block"][place + 1] == several["block"][place] >= 0
        expected = several["ids"][place + 1] if follows else IGNORED
        assert several["labels"][place] == expected
    assert special.begin not in several["labels"]
    batch = collate([several, several])
    assert batch.keys() == {"input_ids", "block", "labels"}
    assert all(tuple(one.shape) == (2, LENGTH) for one in batch.values())


def test_an_encoders_tokenizer_gets_a_begin_and_an_end(tokenizer: Path, tmp_path: Path) -> None:
    loaded, special = load_tokenizer(tokenizer)
    assert (special.begin, special.end, special.pad) == (loaded.cls_token_id, loaded.sep_token_id, loaded.pad_token_id)
    loaded.save_pretrained(tmp_path)
    again = AutoTokenizer.from_pretrained(tmp_path)
    assert (again.bos_token, again.eos_token) == ("[CLS]", "[SEP]")


def test_a_prompt_is_not_closed(tokenizer: Path, tmp_path: Path) -> None:
    framed = AutoTokenizer.from_pretrained(tokenizer)
    framed.backend_tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", framed.cls_token_id), ("[SEP]", framed.sep_token_id)],
    )  # fmt: skip
    framed.save_pretrained(tmp_path / "encoder")
    assert AutoTokenizer.from_pretrained(tmp_path / "encoder")("karar")["input_ids"][-1] == framed.sep_token_id
    for place in ("encoder", "decoder"):  # one that was saved is read again
        loaded, special = load_tokenizer(tmp_path / place)
        loaded.save_pretrained(tmp_path / "decoder")
        again = AutoTokenizer.from_pretrained(tmp_path / "decoder")
        inside = again("karar dosya", add_special_tokens=False)["input_ids"]
        assert again("karar dosya")["input_ids"] == [special.begin, *inside]
        assert special.end not in again("karar", "dosya")["input_ids"]


def test_without_a_begin_the_first_token_is_not_predicted(tokenizer: Path, tmp_path: Path) -> None:
    loaded = AutoTokenizer.from_pretrained(tokenizer)
    loaded.cls_token = None
    loaded.save_pretrained(tmp_path / "tokenizer")
    loaded, special = load_tokenizer(tmp_path / "tokenizer")
    assert special.begin is None
    write_documents([make_document(text, kind="decision", source=text) for text in ("karar", "dosya")], tmp_path / "c")
    sizes = PackConfig(sequence_length=16, evaluation_rows=1)
    pack(tmp_path / "c", tmp_path / "tokenizer", loaded, special, tmp_path / "pack", sizes, seed=1)
    row = CausalRows(tmp_path / "pack", "training", pad=special.pad)[0]
    text = row["ids"][row["block"] >= 0]
    assert text[-1] == special.end
    assert row["labels"][: len(text)].tolist() == [*text[1:].tolist(), IGNORED]


def test_a_tokenizer_without_an_end_is_refused(tokenizer: Path, tmp_path: Path) -> None:
    loaded = AutoTokenizer.from_pretrained(tokenizer)
    loaded.sep_token = None
    loaded.save_pretrained(tmp_path)
    with pytest.raises(MismatchError, match="no eos_token"):
        load_tokenizer(tmp_path)
