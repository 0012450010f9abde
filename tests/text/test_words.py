from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mecelle.text.words import split_suffix, word_spans, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("E. 2019/1234 sayılı", ["E", "2019/1234", "sayılı"]),
        ("10.02.2019 tarihinde 1.250,75 TL", ["10.02.2019", "tarihinde", "1.250,75", "TL"]),
        ("TBK'nın 49/2'nin", ["TBK'nın", "49/2'nin"]),
        ("TBK’nın", ["TBK’nın"]),
        ("madde 10/A, 5inci", ["madde", "10/A", "5inci"]),
        ("i\u0307cra", ["i\u0307cra"]),
        ("a_b ____ 'tırnak'", ["a", "b", "tırnak"]),
        ("2010/236-2014/159 saat 14:30", ["2010/236-2014/159", "saat", "14:30"]),
        ("12. 13, (14)", ["12", "13", "14"]),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("TBK'nın", ("TBK", "'nın")),
        ("TÜRKİYE’NİN", ("TÜRKİYE", "’NİN")),
        ("49/2'nin", ("49/2", "'nin")),
        ("Kur'an'ın", ("Kur'an", "'ın")),
        ("Kur'an", ("Kur'an", "")),
        ("MER'İ", ("MER'İ", "")),
        ("kat'iyen", ("kat'iyen", "")),
        ("dava", ("dava", "")),
        ("'nın", ("'nın", "")),
        ("", ("", "")),
    ],
)
def test_split_suffix(word: str, expected: tuple[str, str]) -> None:
    assert split_suffix(word) == expected


@given(st.text(max_size=80))
def test_word_spans_are_sorted_disjoint_and_leave_no_letter_or_digit_out(text: str) -> None:
    spans = word_spans(text)
    assert [text[start:end] for start, end in spans] == words(text)
    assert all(a_end <= b_start for (_, a_end), (b_start, _) in pairwise(spans))
    covered = {i for start, end in spans for i in range(start, end)}
    assert not [c for i, c in enumerate(text) if (c.isalpha() or c.isdecimal()) and i not in covered]


@given(st.text(max_size=30))
def test_split_suffix_loses_nothing(word: str) -> None:
    assert "".join(split_suffix(word)) == word
