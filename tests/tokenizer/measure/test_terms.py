"""Which terms are one token."""

import pytest

from mecelle.base.errors import InputError
from mecelle.tokenizer.measure.subwords import FastTokenizer
from mecelle.tokenizer.measure.terms import CONTEXTS, EVERY, coverage, single_words


def shares(tokenizer, terms):
    return {(row.form, row.context): row.one_token.count for row in coverage(tokenizer, terms)}


def test_wordpiece_does_not_mind_what_stands_around(fast):
    found = shares(fast, ["kira", "kiracı", "öde"])  # kiracı takes two
    assert all(found["lower", context] == 2 for context in [*CONTEXTS, EVERY])
    assert found["title", "alone"] == found["upper", EVERY] == 0


def test_byte_level_knows_the_word_behind_a_space_only(byte_level):
    found = shares(FastTokenizer(byte_level), ["kiracı"])
    assert found["lower", "after a space"] == found["lower", "before a comma"] == found["lower", "before a suffix"] == 1
    assert found["lower", "alone"] == found["lower", "in brackets"] == found["lower", EVERY] == 0


def test_an_unknown_token_does_not_cover(fast):
    assert shares(fast, ["xyz"])["lower", "alone"] == 0


def test_a_token_with_more_in_it_does_not_cover(wordpiece):
    from tokenizers import pre_tokenizers

    wordpiece.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    wordpiece.add_tokens(["(kira)"])
    found = shares(FastTokenizer(wordpiece), ["kira"])
    assert (found["lower", "alone"], found["lower", "in brackets"]) == (1, 0)


def test_single_words():
    assert single_words(["kira", "kira sözleşmesi", "md.", "hâkim", "2"]) == ["kira", "hâkim"]
    with pytest.raises(InputError, match="2 terms and no single word"):
        single_words(["kira sözleşmesi", "2"])
