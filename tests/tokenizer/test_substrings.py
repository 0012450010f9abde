"""Frequent substrings, against counting them one by one."""

from collections import Counter

import numpy as np

from mecelle.tokenizer.substrings import frequent_substrings


def slow(words, counts, longest, least=2):
    found = Counter()
    for word, count in zip(words, counts, strict=True):
        for start in range(len(word)):
            for end in range(start + 2, min(len(word), start + longest) + 1):
                found[word[start:end]] += count
    return sorted(
        ((piece, n) for piece, n in found.items() if n >= least), key=lambda item: (-item[1] * len(item[0]), item[0])
    )


def test_as_counted_one_by_one():
    rng = np.random.default_rng(7)
    words = sorted({"".join(rng.choice(list("aıİğk"), rng.integers(1, 12))) for _ in range(300)})
    counts = rng.integers(1, 50, len(words)).tolist()
    for longest, most in ((16, 10_000), (4, 10_000), (16, 25)):
        assert frequent_substrings(words, counts, longest=longest, most=most) == slow(words, counts, longest)[:most]


def test_a_word_that_no_other_holds_counts_itself():
    assert frequent_substrings(["kefil", "xy"], [9, 1], longest=16, most=1) == [("kefil", 9)]


def test_nothing_recurs():
    assert frequent_substrings(["ab", "c"], [1, 5], longest=16, most=9) == []
