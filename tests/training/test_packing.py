"""Rows hold every token once, never cut a document that fits, and keep held-out documents apart."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from mecelle.base import artifacts
from mecelle.base.collection import write_documents
from mecelle.base.document import Document, make_document
from mecelle.base.errors import InputError
from mecelle.training.fitting import cut, fit
from mecelle.training.packing import PackConfig, Rows, pack
from mecelle.training.tokens import Tokens, word_starts

PAD, CLS, SEP = 0, 1, 2


@given(st.lists(st.integers(1, 40), max_size=60))
def test_fit_places_each_piece_once_and_never_overfills(sizes: list[int]) -> None:
    rows = fit(sizes, capacity=40)
    assert sorted(piece for row in rows for piece in row) == list(range(len(sizes)))
    loads = [sum(sizes[piece] for piece in row) for row in rows]
    assert all(load <= 40 for load in loads)
    # No two rows can be one: a piece was put where there was room.
    assert sum(load <= 20 for load in loads) <= 1


def test_fit_takes_the_fullest_row_that_has_room() -> None:
    assert fit([6, 7, 3, 4], capacity=10) == [[1, 2], [0, 3]]


def test_cut_keeps_every_token() -> None:
    owner, begin, size = cut(np.array([5, 0, 10, 11]), most=5)
    assert owner.tolist() == [0, 2, 2, 3, 3, 3]
    assert begin.tolist() == [0, 0, 5, 0, 5, 10]
    assert size.tolist() == [5, 5, 5, 5, 5, 1]


def test_word_starts() -> None:
    assert word_starts([0, 0, 1, None, None, 2, 2]).tolist() == [1, 0, 1, 1, 1, 1, 0]
    assert word_starts([]).tolist() == []


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One token per letter, words split at spaces."""
    letters = {"[PAD]": PAD, "[CLS]": CLS, "[SEP]": SEP, "[UNK]": 3, "[MASK]": 4}
    for letter in "abcdefgh":
        letters[letter] = len(letters)
        letters["##" + letter] = len(letters)
    backend = Tokenizer(models.WordPiece(letters, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    folder = tmp_path_factory.mktemp("tokenizer")
    PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]"
    ).save_pretrained(folder)
    return folder


def packed(texts: list[str], folder: Path, tokenizer: Path, *, rows: int = 2, seed: int = 3, copies: int = 1) -> Path:
    """copies: of each document, as a mix draws them: one id, told apart by `copy` alone."""
    documents = [make_document(text, kind="other", source=str(number)) for number, text in enumerate(texts)]
    drawn = [
        Document(text=one.text, id=one.id, metadata=one.metadata | {"copy": copy} if copies > 1 else one.metadata)
        for copy in range(1, copies + 1)
        for one in documents
    ]
    write_documents(drawn, folder / "documents")
    config = PackConfig(sequence_length=16, evaluation_rows=rows)
    pack(folder / "documents", tokenizer, folder / "pack", config, seed=seed)
    return folder / "pack"


TEXTS = [f"{'abcdefgh'[: n % 8 + 1]} {'hgfe' * (n % 11)}ab" for n in range(80)]


def test_every_token_is_in_one_row_once(tmp_path: Path, tokenizer: Path) -> None:
    folder = packed(TEXTS, tmp_path, tokenizer)
    found: dict[int, list[int]] = {}
    for part in ("training", "evaluation"):
        rows = Rows(folder, part, cls=CLS, sep=SEP, pad=PAD)
        for number in range(len(rows)):
            row, at = rows[number], 0
            for document, begin, size in rows.pieces[rows.offsets[number] : rows.offsets[number + 1]]:
                ids = row["ids"][at : at + size + 2].tolist()
                assert (ids[0], ids[-1]) == (CLS, SEP)
                assert (row["block"][at : at + size + 2] == row["block"][at]).all()
                assert row["maskable"][at : at + size + 2].tolist() == [False] + [True] * size + [False]
                assert (begin, size) == (0, rows.tokens.lengths[document]) or rows.tokens.lengths[document] > 14
                found.setdefault(int(document), []).extend(ids[1:-1])
                at += size + 2
            assert (row["ids"][at:] == PAD).all()
            assert (row["block"][at:] == -1).all()
            assert not row["maskable"][at:].any()
            assert rows.used()[number] == at
    tokens = Tokens(folder)
    for document, start in enumerate(tokens.starts):
        assert sorted(found[document]) == sorted(tokens.ids[start : start + tokens.lengths[document]].tolist())


def test_words_are_numbered_by_row(tmp_path: Path, tokenizer: Path) -> None:
    rows = Rows(packed(["abc de", "f", "gh"] * 9, tmp_path, tokenizer), "training", cls=CLS, sep=SEP, pad=PAD)
    row = next(rows[n] for n in range(len(rows)) if rows[n]["maskable"][1:6].all())
    words = row["words"].tolist()
    assert words[0] == -1
    assert words[1] == words[2] == words[3]
    assert words[4] == words[5] == words[1] + 1


def test_held_out_documents_are_in_no_training_row(tmp_path: Path, tokenizer: Path) -> None:
    folder = packed(TEXTS, tmp_path, tokenizer)
    sides = [set(np.load(folder / part / "pieces.npy")[:, 0].tolist()) for part in ("training", "evaluation")]
    assert sides[1]
    assert not sides[0] & sides[1]
    tokens = Tokens(folder)
    assert tokens.lengths[list(sides[1])].sum() <= 0.1 * tokens.lengths.sum()


def test_copies_of_a_document_are_on_its_side(tmp_path: Path, tokenizer: Path) -> None:
    folder = packed(TEXTS, tmp_path, tokenizer, rows=5, copies=3)
    ids = Tokens(folder).document_ids()
    training, evaluation = (
        {ids[number] for number in np.load(folder / part / "pieces.npy")[:, 0]} for part in ("training", "evaluation")
    )
    assert len(training | evaluation) == 80
    assert evaluation
    assert not training & evaluation


def test_same_input_same_bytes_and_nothing_is_lost(tmp_path: Path, tokenizer: Path) -> None:
    texts = [*TEXTS, "", "  "]
    one, two = packed(texts, tmp_path / "1", tokenizer), packed(texts, tmp_path / "2", tokenizer)
    assert artifacts.read_marker(one).hash == artifacts.read_marker(two).hash
    record = artifacts.read_record(one)
    assert record is not None
    assert record.accounts is not None
    assert (record.accounts.kept, record.accounts.dropped) == (80, {"empty": 2})
    assert record.figures["training"]["efficiency"] > 0.9


def test_too_little_text_is_told(tmp_path: Path, tokenizer: Path) -> None:
    with pytest.raises(InputError, match="1 documents with text"):
        packed(["abc", " "], tmp_path, tokenizer)
    with pytest.raises(InputError, match="1 documents with text"):
        packed(["abc"], tmp_path / "copies", tokenizer, copies=3)


def test_a_special_token_that_a_document_spells_is_text(tmp_path: Path, tokenizer: Path) -> None:
    tokens = Tokens(packed(["abc [SEP] abc [MASK]", "hgfe dcba"], tmp_path, tokenizer))
    assert not set(tokens.ids.tolist()) & {PAD, CLS, SEP, 4}
