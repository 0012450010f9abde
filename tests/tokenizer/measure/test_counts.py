"""What is counted of a document, by hand."""

import numpy as np

from mecelle.tokenizer.measure.counts import COLUMNS, count, pieces, round_trips
from mecelle.tokenizer.measure.subwords import FastTokenizer
from mecelle.tokenizer.measure.texts import lines_of


def test_two_documents_under_wordpiece(fast):
    # kira ##cı öde ##di . | [UNK] kira    and    öde 1 (unknown)
    counts = count(fast, [lines_of("kiracı ödedi.\n\nxyzt kira"), lines_of("öde 1")])
    first, second = (dict(zip(COLUMNS, row, strict=True)) for row in counts.table)
    assert (first["lines"], first["words"], first["letter_words"], first["tokens"]) == (2, 4, 4, 7)
    assert (first["unknown"], first["unknown_characters"], first["continued"]) == (1, 4, 2)
    assert (first["characters"], first["bytes"]) == (22, 24)
    assert (second["tokens"], second["unknown"], second["letter_words"], second["continued"]) == (2, 1, 1, 0)
    assert counts.used.tolist() == [2, 2, 1, 2, 1, 1]


def test_a_byte_level_word_with_its_space_is_whole(byte_level):
    # " kiracı" is one token, "kira" at the line's start five letters
    counts = count(FastTokenizer(byte_level), [lines_of("kira kiracı")])
    assert counts.total("tokens") == 5
    assert (counts.total("letter_words"), counts.total("continued")) == (2, 1)
    assert (counts.total("unknown"), counts.total("exact")) == (0, 1)


def test_documents_over_a_length(letters):
    counts = count(letters(), [lines_of("a" * 512), lines_of("a" * 513), lines_of("a" * 1_025)])
    assert (counts.total("over_512"), counts.total("over_1024")) == (2, 1)


def test_round_trips_are_compared_in_nfc():
    found = round_trips(
        ["ka\u0302r", "a  b", "2019", "kâr"],  # decomposed, two spaces, digits, lost circumflex
        ["kâr", "a b", "2 0 1 9", "kar"],
    )
    assert found == {"exact": 1, "folded": 2, "spaceless": 3}


def test_pieces_of_spans():
    begins, ends = np.array([0, 3, 4, 4, 9]), np.array([3, 4, 4, 8, 12])  # the third token is empty
    assert pieces(begins, ends, np.array([[0, 3], [0, 4], [4, 8], [8, 9], [5, 10]])).tolist() == [1, 2, 1, 0, 2]
