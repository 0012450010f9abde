"""The measures, counted by hand."""

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from mecelle.base.errors import ArtifactError, InputError
from mecelle.tokenizer import folder
from mecelle.tokenizer.measure import measure


@pytest.fixture
def tokenizer():
    vocabulary = {"[UNK]": 0, "kira": 1, "##cı": 2, "öde": 3, "##di": 4, ".": 5}
    result = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    result.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    result.post_processor = processors.BertProcessing((".", 5), (".", 5))
    return result


def test_counts_by_hand(tokenizer):
    found = measure(tokenizer, ["kiracı ödedi.\n\n  \nkira xyz", "öde"])
    # kira ##cı öde ##di . | kira [UNK] | öde
    assert (found.lines, found.words, found.tokens, found.unknown) == (3, 5, 8, 1)
    assert found.bytes == len("kiracı ödedi.kira xyzöde".encode())
    assert found.subwords_per_line == pytest.approx(8 / 3)
    assert found.tokens_per_word == pytest.approx(8 / 5)
    assert found.unknown_share == pytest.approx(1 / 8)
    assert found.bytes_per_token == pytest.approx(found.bytes / 8)
    assert found.vocabulary == 6


def test_more_lines_than_one_batch(tokenizer):
    assert measure(tokenizer, ["kira\n" * 1_500, "kira"] * 2).tokens == 3_002


@pytest.mark.parametrize("texts", [[], ["", " \n "]])
def test_nothing_to_measure(tokenizer, texts):
    with pytest.raises(InputError, match="nothing to measure"):
        measure(tokenizer, texts)


def test_folders_without_a_tokenizer(tmp_path):
    with pytest.raises(ArtifactError, match=r"no tokenizer\.json"):
        folder.load(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ArtifactError, match="not a tokenizer"):
        folder.load(tmp_path)
