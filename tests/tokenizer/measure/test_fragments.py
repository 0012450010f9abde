"""Phrases in pieces."""

import pytest

from mecelle.base.errors import InputError
from mecelle.tokenizer.measure.fragments import cut, read_phrases
from mecelle.tokenizer.measure.papers import hukukbert
from mecelle.tokenizer.measure.subwords import FastTokenizer


def test_wordpiece(fast):
    (found,) = cut(fast, ["kiracı xyz."])
    assert [(piece.text, piece.unknown) for piece in found.pieces] == [
        ("kira", False), ("##cı", False), ("[UNK]", True), (".", False),
    ]  # fmt: skip


def test_bytes_are_readable(byte_level):
    (found,) = cut(FastTokenizer(byte_level), ["ş kiracı"])
    assert [piece.text for piece in found.pieces] == ["<0xC5>", "<0x9F>", "▁kiracı"]


def test_files_of_phrases(tmp_path):
    path = tmp_path / "phrases.txt"
    path.write_text(" Hukuki Nitelendirme \n\n2019/12\n", encoding="utf-8")
    assert read_phrases(path) == ["Hukuki Nitelendirme", "2019/12"]
    path.write_text("\n")
    with pytest.raises(InputError, match="no phrase in it"):
        read_phrases(path)
    path.write_bytes(b"\xf0\xee")
    with pytest.raises(InputError, match="not UTF-8"):
        read_phrases(path)
    with pytest.raises(InputError, match="no such file"):
        read_phrases(tmp_path / "absent.txt")


def test_the_papers_table():
    rows = {row.name: row for row in hukukbert().rows}
    assert len(rows) == 10
    assert round(rows["hukukbert-base-48k-cased"].ratio, 3) == 0.751
    assert (rows["BERTurk-Legal"].vocabulary, rows["TabiBERT"].subwords_per_line) == (128_000, 7.38)
    assert len(hukukbert().fragments["İçtihadı Birleştirme Kararı"]["bert-base-turkish-cased"]) == 7
