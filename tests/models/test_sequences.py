"""Windows and batches."""

import pytest

from mecelle.base.errors import InputError
from mecelle.models.placing import owners_of
from mecelle.models.sequences import _batches, bytes_before, windows


@pytest.mark.parametrize("tokens", [0, 1, 7, 8, 9, 30])
@pytest.mark.parametrize("stride", [1, 3, 8])
def test_every_token_is_scored_once_in_the_first_window_that_holds_it(tokens, stride):
    found = windows(tokens, size=8, stride=stride)
    assert [at for _, end, first in found for at in range(first, end)] == list(range(tokens))
    assert all(start <= first <= end <= start + 8 for start, end, first in found)


def test_without_a_stride_there_is_one_window():
    assert windows(30, size=8, stride=None) == [(0, 8, 0)]


@pytest.mark.parametrize(("size", "stride"), [(0, None), (8, 0), (8, 9)])
def test_impossible_windows(size, stride):
    with pytest.raises(InputError, match="between 1 and the window"):
        windows(30, size=size, stride=stride)


def test_batches_are_bounded_by_rows_and_by_tokens():
    lengths = [3, 50, 7, 7, 120, 1]
    found = [batch.tolist() for batch in _batches(lengths, 3, 100)]
    assert found == [[4], [1, 2], [3, 0, 5]]


def test_bytes():
    assert bytes_before("öde", [0, 1, 3]) == [0, 2, 4]


def test_tokens_belong_to_the_span_they_lie_in():
    offsets = [(0, 0), (0, 3), (3, 6), (7, 9), (9, 12), (0, 0)]
    assert owners_of(offsets, [(7, 9), (2, 5)]) == [-1, 1, 1, 0, -1, -1]
