"""What a build tells while it is at work: on stderr alone, often enough, and without another result for it."""

import json

import numpy as np

from mecelle.base.progress import Progress
from mecelle.retrieval import index as indexes
from mecelle.retrieval.building import TOLD_AT_ONCE, _encoded
from mecelle.retrieval.index import build


def test_the_bar_moves_at_every_few_passages_and_vectors_keep_their_order(encoder):
    texts = [f"kira {'bedeli ' * (number % 7)}{number}" for number in range(2 * TOLD_AT_ONCE + 5)]
    told = []

    class Watched(Progress):
        def advance(self, count=1, **facts):
            told.append(count)

    found = _encoded(encoder, texts, Watched("embed"))
    assert told == [TOLD_AT_ONCE, TOLD_AT_ONCE, 5]
    assert np.array_equal(found, encoder.encode(texts))


def test_loading_reading_and_embedding_are_told_on_stderr(collection, tmp_path, encoder, monkeypatch, capsys):
    monkeypatch.setattr(indexes, "load_encoder", lambda name, **_: encoder)
    build(collection, tmp_path / "index", model="package:none-such", workers=1)
    told = capsys.readouterr()
    assert not told.out
    rows = {row["task"]: row for row in map(json.loads, told.err.splitlines())}
    assert [*rows] == ["load", "read", "embed"]
    assert (rows["read"]["done"], rows["read"]["documents"]) == (4, 4)
    assert rows["embed"]["done"] == rows["embed"]["total"] > 0
