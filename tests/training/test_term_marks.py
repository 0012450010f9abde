"""Terms of the text, token by token, in the pack and in its rows."""

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from mecelle.base import artifacts
from mecelle.base.collection import write_documents
from mecelle.base.document import make_document
from mecelle.base.errors import InputError
from mecelle.text.term_matcher import TermMatcher
from mecelle.training.packing import PackConfig, Rows, pack
from mecelle.training.term_marks import INSIDE, mark_terms

PAD, CLS, SEP = 0, 1, 2


def marks(spans: list[tuple[int, int]], offsets: list[tuple[int, int]], starts: list[int]) -> list[int]:
    return mark_terms(spans, offsets, np.array(starts, np.uint8)).tolist()


def test_tokens_of_a_term() -> None:
    offsets = [(0, 3), (3, 5), (6, 9), (10, 12), (12, 14)]
    starts = [1, 0, 1, 1, 0]
    assert marks([(0, 5)], offsets, starts) == [1, 2, 0, 0, 0]
    assert marks([(0, 9)], offsets, starts) == [1, 2, 2, 0, 0]
    assert marks([(0, 5), (6, 9), (10, 14)], offsets, starts) == [1, 2, 1, 1, 2]
    assert marks([], offsets, starts) == [0] * 5


def test_a_term_takes_in_every_word_it_touches() -> None:
    """A tokenizer may cut words elsewhere: (dava) as one word, davası'nın as one."""
    offsets = [(0, 1), (1, 5), (5, 6), (7, 9)]
    assert marks([(1, 5)], offsets, [1, 0, 0, 1]) == [1, 2, 2, 0]
    assert marks([(1, 3), (3, 5)], offsets, [1, 0, 0, 1]) == [1, 2, 2, 0], "one word is in one term"
    assert marks([(1, 3), (4, 9)], offsets, [1, 0, 0, 1]) == [1, 2, 2, 1], "what is left of the second"


def test_characters_without_a_token() -> None:
    assert marks([(3, 5), (6, 8)], [(0, 2), (6, 8)], [1, 1]) == [0, 1]


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One token per letter, words split at spaces and marks."""
    letters = {"[PAD]": PAD, "[CLS]": CLS, "[SEP]": SEP, "[UNK]": 3, "[MASK]": 4}
    for letter in "abcçdefgğhıijklmnoöprsştuüvyzYT'":
        letters[letter] = len(letters)
        letters["##" + letter] = len(letters)
    backend = Tokenizer(models.WordPiece(letters, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    folder = tmp_path_factory.mktemp("tokenizer")
    PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]"
    ).save_pretrained(folder)
    return folder


def packed(folder: Path, tokenizer: Path, *, kind: str, lists: list[Path], mark: bool = True) -> Path:
    documents = [make_document(f"dün Yargıtay'ın haksız fiilden {'çok ' * n}sözü", kind="decision", source=str(n))
                 for n in range(30)]  # fmt: skip
    documents.append(make_document("hukuka aykırı", kind=kind, source="entry", term="Haksız fiil"))
    write_documents(documents, folder / "documents")
    config = PackConfig(sequence_length=32, evaluation_rows=1, mark_terms=mark)
    pack(folder / "documents", tokenizer, folder / "pack", config, seed=0, terms=lists)
    return folder / "pack"


def read_rows(folder: Path) -> Rows:
    return Rows(folder, "training", cls=CLS, sep=SEP, pad=PAD)


def test_terms_of_lists_and_of_dictionary_documents_are_in_the_rows(tmp_path: Path, tokenizer: Path) -> None:
    (tmp_path / "terms.txt").write_text("Yargıtay\n", encoding="utf-8")
    folder = packed(tmp_path, tokenizer, kind="dictionary", lists=[tmp_path / "terms.txt"])
    rows, found = read_rows(folder), set()
    for number in range(len(rows)):
        row = rows[number]
        assert row["terms"].shape == (32,)
        assert (row["terms"][~row["maskable"]] == -1).all()
        for term in np.unique(row["terms"][row["terms"] >= 0]):
            inside = row["terms"] == term
            found.add((int(inside.sum()), len(np.unique(row["words"][inside])), len(np.unique(row["block"][inside]))))
    # Yargıtay'ın: 11 letters and marks in 3 words; haksız fiilden: 13 in 2. Each in one piece.
    assert {(11, 3, 1), (13, 2, 1)} <= found
    assert rows.term_tokens().tolist() == [int((rows[n]["terms"] >= 0).sum()) for n in range(len(rows))]
    record = artifacts.read_record(folder)
    assert record is not None
    assert record.figures["terms"] == 2


def test_a_term_that_a_row_cuts_is_another_in_the_next(tmp_path: Path, tokenizer: Path) -> None:
    (tmp_path / "terms.txt").write_text("çok çok çok çok çok çok çok çok çok çok çok çok\n", encoding="utf-8")
    rows = read_rows(packed(tmp_path, tokenizer, kind="other", lists=[tmp_path / "terms.txt"]))
    marks = rows.tokens.term_marks
    assert marks is not None
    firsts = marks[rows.tokens.starts[rows.pieces[:, 0]] + rows.pieces[:, 1]]
    assert (firsts == INSIDE).any(), "some piece begins inside a term"
    for number in range(len(rows)):
        row = rows[number]
        for term in np.unique(row["terms"][row["terms"] >= 0]):
            assert term >= 1
            assert len(np.unique(row["block"][row["terms"] == term])) == 1


def test_without_marks_nothing_is_read_or_written(tmp_path: Path, tokenizer: Path) -> None:
    folder = packed(tmp_path, tokenizer, kind="dictionary", lists=[], mark=False)
    rows = read_rows(folder)
    assert not (folder / "term_marks.bin").exists()
    assert all((rows[n]["terms"] == -1).all() for n in range(len(rows)))
    assert not rows.term_tokens().any()


def test_copies_are_read_once_and_written_as_if_each_were(
    tmp_path: Path, tokenizer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "terms.txt").write_text("Yargıtay\nhaksız fiil\n", encoding="utf-8")
    documents = [
        make_document(f"{'çok ' * n}Yargıtay'ın haksız fiilden", kind="decision", source=str(n)) for n in range(9)
    ]
    documents.append(make_document(" ", kind="decision", source="empty"))
    drawn = [(document, copy) for copy in range(1, 41) for document in documents]  # over more than one batch
    read: list[str] = []
    whole = TermMatcher.find
    monkeypatch.setattr(TermMatcher, "find", lambda self, text: read.append(text) or whole(self, text))
    config, files = PackConfig(sequence_length=32, evaluation_rows=1, mark_terms=True), []
    for name, marks in (("apart", False), ("copies", True)):
        read.clear()
        write_documents(
            [make_document(one.text, kind="decision", source=one.metadata["source"], **({"copy": n} if marks else {}))
             for one, n in drawn],
            tmp_path / name,
        )  # fmt: skip
        pack(tmp_path / name, tokenizer, tmp_path / f"{name}.pack", config, seed=0, terms=[tmp_path / "terms.txt"])
        files.append(artifacts.read_marker(tmp_path / f"{name}.pack").files)
        record = artifacts.read_record(tmp_path / f"{name}.pack")
        assert record is not None
        assert record.accounts is not None
        assert (record.accounts.kept, record.accounts.dropped) == (360, {"empty": 40})
    assert sorted(read) == sorted(document.text for document in documents[:-1])
    assert files[0] == files[1]


def test_no_term_is_told(tmp_path: Path, tokenizer: Path) -> None:
    with pytest.raises(InputError, match="leave keyword"):
        packed(tmp_path, tokenizer, kind="other", lists=[])
