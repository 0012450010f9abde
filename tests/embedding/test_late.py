"""Late interaction: MaxSim by hand, a model that learns, and its place in the suites."""

import json
import shutil
import signal

import numpy as np
import pytest
from datasets import Dataset
from sentence_transformers.multi_vector_encoder.losses import MultiVectorMultipleNegativesRankingLoss

import mecelle.embedding.late as module
from mecelle.base import artifacts
from mecelle.base.artifacts import read_record
from mecelle.base.errors import InputError, Interrupted
from mecelle.embedding.late import LateConfig, train_late
from mecelle.evaluation.contestants import contestants
from mecelle.evaluation.late import MtebLate
from mecelle.models.late import LateInteraction, is_multi_vector, maxsim
from mecelle.retrieval.bm25 import Bm25Config


@pytest.fixture(scope="module")
def late(encoder, pairs, tmp_path_factory):
    out = tmp_path_factory.mktemp("late") / "late"
    config = LateConfig(dims=16, batch=8, steps=40, learning_rate=5e-3)
    train_late(encoder, pairs, out, config, seed=4, work=out.with_name("work"))
    return out


def test_maxsim_is_the_sum_of_the_nearest():
    query = np.array([[1, 0], [0, 1]], dtype=np.float32)
    document = np.array([[0.6, 0.8], [1, 0], [-1, 0]], dtype=np.float32)
    assert maxsim(query, document) == pytest.approx(1.8)
    assert maxsim(query, document[:0]) == 0


def test_it_learns_and_tells_documents_apart(late, encoder, make_pairs):
    figures = read_record(late).figures
    assert figures["last_loss"] < 0.7 * figures["first_loss"]
    model = LateInteraction(late, name="late")
    asked = make_pairs(24)
    queries = model.encode([pair.query for pair in asked], role="query")
    documents = model.encode([pair.document for pair in asked])
    assert queries[0].shape[1] == 16
    np.testing.assert_allclose(np.linalg.norm(documents[0], axis=1), 1, atol=1e-5)
    scores = np.array([[maxsim(query, document) for document in documents] for query in queries])
    assert (scores.argmax(axis=1) == np.arange(24)).mean() > 0.5


def test_the_suites_know_it_by_its_folder(late, encoder):
    assert is_multi_vector(late)
    assert not is_multi_vector(encoder)
    (found,) = contestants([str(late)], seed=1, max_length=None, memory=None)
    assert found.words is not None
    assert found.late is not None
    assert found.late().fingerprint
    assert "bm25s" in found.fingerprint


class Stub:
    """Two components: texts with `kira` and texts without."""

    def encode(self, texts, *, role="document"):
        return [np.array([[1.0, 0.0]] if "kira" in text else [[0.0, 1.0]], dtype=np.float32) for text in texts]


def test_candidates_are_ordered_by_maxsim_and_stand_above_the_rest(monkeypatch):
    import mecelle.evaluation.late as module

    monkeypatch.setattr(module, "CANDIDATES", 2)
    rows = [("a", "mahkeme mahkeme mahkeme"), ("b", "mahkeme kira"), ("c", "mahkeme ve kira ve daha çok başka söz")]
    corpus = Dataset.from_dict({"id": [r[0] for r in rows], "text": [r[1] for r in rows]})
    search = MtebLate("late", Bm25Config(terms="first5"), Stub)
    search.index(corpus)
    plain = list(search._index.rank("mahkeme kira", 3))
    found = search.search(Dataset.from_dict({"id": ["q"], "text": ["mahkeme kira"]}), top_k=3)["q"]
    assert set(found) == {"a", "b", "c"}
    assert sorted(found, key=found.get, reverse=True)[2] == plain[2][0]
    first = sorted(found, key=found.get, reverse=True)[0]
    assert first == "b"


def test_hard_negatives_and_the_encoders_prompts_are_trained_with(encoder, make_pairs):
    from mecelle.embedding.late import _features, _open
    from mecelle.embedding.pairs.record import with_negatives

    model = _open(encoder, LateConfig(dims=16, query_prompt="kira "))
    assert model.prompts == {"query": "kira ", "document": ""}
    first, second = make_pairs(2)
    queries, documents = _features(model, [with_negatives(first, [("haciz", "")] * 2), second])
    assert (len(queries["input_ids"]), len(documents["input_ids"])) == (2, 4)
    loss = MultiVectorMultipleNegativesRankingLoss(model)
    assert loss([queries, documents], None) > loss(_features(model, [first, second]), None)


def test_graded_pairs_are_refused(encoder, tmp_path):
    (tmp_path / "graded.jsonl").write_text('{"query": "a", "document": "b", "grade": 2}\n')
    with pytest.raises(InputError, match="pairs with grades"):
        train_late(encoder, tmp_path / "graded.jsonl", tmp_path / "out", LateConfig(), seed=1, work=tmp_path / "work")


@pytest.mark.parametrize("last", [3, 6])
def test_interrupted_it_goes_on_to_the_same_bytes(encoder, pairs, tmp_path, monkeypatch, last):
    """Of an encoder with dropout, whose chance is part of the checkpoint."""
    shutil.copytree(encoder, tmp_path / "encoder")
    settings = json.loads((encoder / "config.json").read_text())
    (tmp_path / "encoder" / "config.json").write_text(json.dumps(settings | {"mlp_dropout": 0.3}))
    config = LateConfig(dims=16, batch=8, steps=6, learning_rate=5e-3)
    train_late(tmp_path / "encoder", pairs, tmp_path / "whole", config, seed=4, work=tmp_path / "whole.work")
    calls, features = [], module._features

    def struck(model, batch):
        calls.append(1)
        if len(calls) == last:
            signal.raise_signal(signal.SIGTERM)
        return features(model, batch)

    monkeypatch.setattr(module, "_features", struck)
    with pytest.raises(Interrupted, match=f"after step {last} of 6"):
        train_late(tmp_path / "encoder", pairs, tmp_path / "out", config, seed=4, work=tmp_path / "work")
    train_late(tmp_path / "encoder", pairs, tmp_path / "out", config, seed=4, work=tmp_path / "work")
    assert len(calls) == 6, "it began anew"
    assert artifacts.hash_input(tmp_path / "out") == artifacts.hash_input(tmp_path / "whole")
