"""Vectors and models that fail: what a search by meaning is told, and how often they are asked."""

from types import SimpleNamespace

import pytest

from mecelle.base.errors import ArtifactError, InputError
from mecelle.retrieval import meaning
from mecelle.retrieval.search import Searcher


def test_whatever_the_model_raises_is_an_artifact_error_without_the_question(index, encoder, monkeypatch):
    def fail(texts, *, role):
        raise RuntimeError(f"cannot embed {texts}")

    monkeypatch.setattr(encoder, "encode", fail)
    with Searcher(index, encoder=encoder) as searcher:
        with pytest.raises(ArtifactError, match=r"cannot be searched \(RuntimeError\)") as told:
            searcher.search("gizli kira")
        assert "gizli" not in str(told.value)
        assert searcher.search("kira", mode="bm25")


def test_vectors_that_could_not_be_opened_are_not_tried_again_at_once(index, encoder, monkeypatch):
    tried, now = [], [100.0]
    opened = meaning.open_vectors

    def hang(*_, **__):
        tried.append(now[0])
        raise InputError("no Qdrant server answers there")

    monkeypatch.setattr(meaning, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(meaning, "open_vectors", hang)
    with Searcher(index, encoder=encoder) as searcher:
        for now[0] in (101.0, 109.0, 110.5, 111.0):
            with pytest.raises(ArtifactError, match="no Qdrant server answers there"):
                searcher.search("kira", mode="dense")
        assert tried == [100.0, 110.5]
        monkeypatch.setattr(meaning, "open_vectors", opened)
        now[0] = 121.0
        assert searcher.search("kira", mode="dense")
