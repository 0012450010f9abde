"""The order is a permutation of each epoch, and lineage agrees with what a run really feeds."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mecelle.base.errors import ArtifactError, InputError
from mecelle.training.curve import read_curve, tokens_seen
from mecelle.training.lineage import Lineage, write_lineage
from mecelle.training.order import Order


def test_each_epoch_has_every_row_once_in_an_order_of_its_own() -> None:
    order = Order(10, rows_per_step=4, seed=1)
    epochs = [[order.row(place) for place in range(start, start + 10)] for start in (0, 10)]
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(10))
    assert epochs[0] != epochs[1]
    assert [Order(10, rows_per_step=4, seed=2).row(place) for place in range(10)] != epochs[0]


@pytest.mark.parametrize("wanted", [*([row] for row in range(10)), [2, 5, 9], []])
def test_steps_of_rows_inverts_rows_of_step(wanted: list[int]) -> None:
    order = Order(10, rows_per_step=4, seed=1)
    steps = 7  # 28 places: nearly three epochs, and a step that lies in two
    by_hand = [step for step in range(1, steps + 1) if set(order.rows_of_step(step)) & set(wanted)]
    assert order.steps_of_rows(wanted, steps=steps) == by_hand


def test_each_epoch_is_drawn_once_however_long_a_document(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    monkeypatch.setattr("mecelle.training.order.permutation", lambda rows, **which: drawn.append(1) or np.arange(rows))
    assert Order(10, rows_per_step=4, seed=1).steps_of_rows(range(8), steps=8) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert len(drawn) == 4


def test_tokens_of_a_run_are_those_of_all_its_steps() -> None:
    """Also behind the last log: seven steps that were logged every three."""
    order, used = Order(10, rows_per_step=4, seed=1), np.arange(100, 110)
    history = [{"step": step, "loss": 1.0} for step in (3, 6)]
    by_hand = [
        sum(int(used[row]) for step in range(1, last + 1) for row in order.rows_of_step(step)) for last in (6, 7)
    ]
    assert read_curve(history, order, used)[-1]["tokens"] == by_hand[0]
    assert [tokens_seen(order, used, steps=steps) for steps in (6, 7)] == by_hand


def rows() -> Any:
    """Four rows of five documents; document d lies in rows 0 and 3, e in none (held out)."""
    pieces = [(0, 0, 5), (1, 0, 5), (3, 0, 9), (2, 0, 5), (0, 5, 5), (3, 9, 2)]
    return SimpleNamespace(
        pieces=np.array(pieces),
        offsets=np.array([0, 3, 4, 5, 6]),
        tokens=SimpleNamespace(document_ids=lambda: ["a", "b", "c", "d", "e"]),
    )


def test_lineage_answers_both_ways_alike(tmp_path: Path) -> None:
    order = Order(4, rows_per_step=1, seed=5)
    write_lineage(tmp_path, rows(), order, steps=6)
    lineage = Lineage(tmp_path)
    of_row = [["a", "b", "d"], ["c"], ["a"], ["d"]]
    for step in range(1, 7):
        assert lineage.documents_of(step) == of_row[order.row(step - 1)]
    for document in "abcd":
        assert lineage.steps_of(document) == [s for s in range(1, 7) if document in lineage.documents_of(s)]
    assert lineage.steps_of("e") == []


def test_copies_of_a_document_are_one(tmp_path: Path) -> None:
    """As a mix draws them: lines of their own, with one id."""
    copied = rows()
    copied.tokens.document_ids = lambda: ["a", "b", "a", "d", "b"]
    write_lineage(tmp_path, copied, Order(4, rows_per_step=2, seed=5), steps=6)
    lineage = Lineage(tmp_path)
    seen = {step: lineage.documents_of(step) for step in range(1, 7)}
    assert all(len(set(ids)) == len(ids) for ids in seen.values())
    for document in "abd":
        assert lineage.steps_of(document) == [step for step, ids in seen.items() if document in ids]


def test_unknown_document_or_step_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="no lineage"):
        Lineage(tmp_path)
    write_lineage(tmp_path, rows(), Order(4, rows_per_step=1, seed=5), steps=6)
    with pytest.raises(InputError, match="none of the 5"):
        Lineage(tmp_path).steps_of("x")
    with pytest.raises(InputError, match="steps 1 to 6"):
        Lineage(tmp_path).documents_of(7)
