"""Entries as people read them."""

import pytest
from tokenizers import pre_tokenizers

from mecelle.tokenizer.measure.spelling import Spelling, spelling_of
from mecelle.tokenizer.measure.subwords import FastTokenizer


def test_all_bytes_are_known():
    spelling = Spelling(byte_level=True)
    for letter in pre_tokenizers.ByteLevel.alphabet():
        assert spelling.text(letter) is not None or spelling.readable(letter).startswith("<0x")


@pytest.mark.parametrize("word", ["İçtihadı", " mülkî", "\n§ 5", "a🙂"])
def test_byte_level_entries_are_decoded(word):
    ((written, _),) = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False).pre_tokenize_str(word)
    spelling = Spelling(byte_level=True)
    assert spelling.text(written) == word.strip()
    assert spelling.readable(written) == word.replace(" ", "▁").replace("\n", "⏎")


def test_marks_go():
    assert Spelling(continuing="##").text("##lar") == "lar"
    assert Spelling(word_end="</w>").text("lar</w>") == "lar"
    assert Spelling().text("▁karar") == "karar"
    assert Spelling().text("<0xC4>") is None


def test_the_kind_is_found(wordpiece, byte_level):
    import orjson

    assert spelling_of(orjson.loads(wordpiece.to_str())) == Spelling(continuing="##")
    assert spelling_of(orjson.loads(byte_level.to_str())) == Spelling(byte_level=True)


def test_texts_of_a_vocabulary(wordpiece, byte_level):
    wordpiece.add_special_tokens(["[UNK]", "[SEP]"])
    assert FastTokenizer(wordpiece).texts() == [None, "kira", "cı", "öde", "di", ".", None]
    found = FastTokenizer(byte_level).texts()
    assert {"kiracı", "kirac", "ı", "k"} <= set(found)
    assert found.count(None) == 128  # of the bytes, half are no character
