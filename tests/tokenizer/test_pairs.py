"""Joining pairs: against the trainer of `tokenizers`, and where it has no answer, by hand."""

import random

import numpy as np
import orjson
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from mecelle.tokenizer.pairs import learn_pairs


def ours(words: dict[str, int], *, most: int, least: int = 2) -> list[tuple[str, str]]:
    names = sorted({letter for word in words for letter in word})
    symbols = np.array([names.index(letter) for word in words for letter in word], dtype=np.int32)
    lengths = np.array([len(word) for word in words], dtype=np.int64)
    counts = np.array(list(words.values()), dtype=np.int64)
    joined = []
    for left, right in learn_pairs(symbols, lengths, counts, first_new=len(names), most=most, least_count=least):
        joined.append((names[left], names[right]))
        names.append(names[left] + names[right])
    return joined


def theirs(words: dict[str, int], *, most: int, least: int = 2) -> list[tuple[str, str]]:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    size = len({letter for word in words for letter in word}) + most
    trainer = trainers.BpeTrainer(vocab_size=size, min_frequency=least, show_progress=False)
    tokenizer.train_from_iterator([" ".join([word] * count) for word, count in words.items()], trainer)
    return [tuple(pair) for pair in orjson.loads(tokenizer.to_str())["model"]["merges"]]


@pytest.mark.parametrize("seed", range(40))
def test_same_pairs_as_the_library(seed):
    """Few letters: runs ("aaa"), ties and pairs that vanish are everywhere."""
    draw = random.Random(seed)
    letters = "abcde"[: draw.randint(1, 5)]
    words = {"".join(draw.choices(letters, k=draw.randint(1, 9))): draw.randint(1, 9) for _ in range(30)}
    most = draw.randint(1, 40)
    assert ours(words, most=most) == theirs(words, most=most)


def test_runs_are_read_from_the_left():
    assert ours({"aaaaa": 3}, most=9) == [("a", "a"), ("aa", "a"), ("aa", "aaa")]


def test_ties_go_to_the_earlier_letters_whatever_the_order_of_words():
    words = {"cd": 5, "ab": 5, "ac": 5}
    assert ours(words, most=3) == [("a", "b"), ("a", "c"), ("c", "d")]
    assert ours(dict(reversed(words.items())), most=3) == ours(words, most=3)


def test_rare_pairs_are_not_joined():
    assert ours({"ab": 2, "cd": 1}, most=9) == [("a", "b")]
    assert ours({"ab": 2, "cd": 1}, most=9, least=3) == []


def test_nothing_to_join():
    assert ours({"a": 5}, most=9) == []
    assert ours({}, most=9) == []
