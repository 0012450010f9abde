"""Scores of tasks: they are mteb's, pytrec_eval's and scikit-learn's, and faults that are planted show."""

import json
from collections.abc import Mapping
from typing import Any

import mteb
import numpy as np
import pytest
import pytrec_eval
from mteb._evaluators.retrieval_metrics import calculate_retrieval_scores
from mteb.abstasks import AbsTaskClassification
from mteb.types import PromptType
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, v_measure_score

from mecelle.evaluation.adapters import MtebBm25, MtebEncoder
from mecelle.evaluation.metrics.pseudo_values import pseudo_values
from mecelle.evaluation.metrics.ranking import TABLE_MEASURES, score_rankings
from mecelle.evaluation.mteb_run import run_task
from mecelle.evaluation.tasks.as_mteb import as_mteb
from mecelle.evaluation.tasks.definition import (
    Data,
    GroupedData,
    LabelledData,
    LocalTask,
    PairData,
    RetrievalData,
)
from mecelle.evaluation.units import Measured, measure
from mecelle.evaluation.vectors import Vectors
from mecelle.retrieval.bm25 import Bm25Config

SUBJECTS = ["kira", "miras", "nafaka", "ipotek", "haciz", "kefalet", "velayet", "vergi", "sigorta", "boşanma",
            "iflas", "ceza", "temyiz", "vekalet", "tapu", "irtifak", "rehin", "şufa", "vakıf", "dernek"]  # fmt: skip
TINY = RetrievalData(
    queries={f"q-{s}": f"{s} nedir" for s in SUBJECTS},
    documents={s: f"{s} bu kanuna göre düzenlenir" for s in SUBJECTS},
    gold={f"q-{s}": frozenset({s}) for s in SUBJECTS},
)
AXES = {text: n for n, s in enumerate(SUBJECTS, 1) for text in (TINY.queries[f"q-{s}"], TINY.documents[s])}


class Noisy:
    """Vectors around a direction that each text has; the noise is the text's own."""

    name, fingerprint, dimension = "noisy", "noisy", 32

    def __init__(self, axes: Mapping[str, int], noise: float = 1.0) -> None:
        self.axes, self.noise = axes, noise

    def encode(self, texts: Any, *, role: Any = "document") -> Any:
        rows = []
        for text in texts:
            row = np.random.default_rng(list(text.encode())).standard_normal(self.dimension) * self.noise
            row[self.axes[text] % self.dimension] += 3.0
            rows.append(row / np.linalg.norm(row))
        return np.array(rows, dtype=np.float32)


def run(kind: Any, data: Data, axes: Mapping[str, int], *, noise: float = 1.0) -> Measured:
    task = LocalTask("tiny.v1", kind, "A tiny task.", (), lambda *_: data)
    model = MtebEncoder(Vectors(Noisy(axes, noise), None))
    ids = [row[0] for row in getattr(data, "test", None) or getattr(data, "rows", [])]
    return run_task(as_mteb(task, data, seed=7), model, split="test", ids=ids if kind != "clustering" else None)


def test_rankings_agree_with_mteb_and_pytrec_eval() -> None:
    rng = np.random.default_rng(7)
    documents = [f"d{n:03d}" for n in range(60)]
    qrels = {
        f"q{n}": dict.fromkeys(rng.choice(documents, rng.integers(1, 6), replace=False).tolist(), 1) for n in range(40)
    }
    # Scores without ties: libraries break those by rules of their own.
    found = {q: dict(zip(documents, rng.permutation(60).astype(float).tolist(), strict=True)) for q in qrels}
    ours = score_rankings(
        {q: sorted(hits, key=hits.__getitem__, reverse=True) for q, hits in found.items()},
        {q: set(hits) for q, hits in qrels.items()},
        TABLE_MEASURES,
    )
    theirs = calculate_retrieval_scores(found, qrels, [1, 5, 10, 100])
    for name, key in {"ndcg@10": "ndcg_cut_10", "map@100": "map_cut_100", "recall@10": "recall_10",
                      "precision@5": "P_5", "precision@1": "P_1"}.items():  # fmt: skip
        for query in qrels:
            assert ours[name][query] == pytest.approx(theirs.all_scores[query][key], abs=1e-6)
    assert np.mean(list(ours["mrr@10"].values())) == pytest.approx(theirs.mrr["MRR@10"], abs=1e-6)
    raw = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg_cut.10"}).evaluate(found)
    assert ours["ndcg@10"]["q3"] == pytest.approx(raw["q3"]["ndcg_cut_10"], abs=1e-6)


def test_a_retrieval_task_scores_as_mteb_does_and_runs_in_mteb() -> None:
    found = run("retrieval", TINY, AXES)
    task = as_mteb(LocalTask("tiny.v1", "retrieval", "A tiny task.", (), lambda *_: TINY), TINY, seed=7)
    result = mteb.evaluate(MtebEncoder(Vectors(Noisy(AXES), None)), [task], cache=None, show_progress_bar=False)
    scores = result.task_results[0].scores["test"][0]
    assert 0.2 < found.scores["ndcg@10"] < 1.0  # neither all nor nothing: a mistake would show
    for ours, theirs in {"ndcg@10": "ndcg_at_10", "map@100": "map_at_100", "mrr@10": "mrr_at_10",
                         "recall@10": "recall_at_10", "precision@5": "precision_at_5"}.items():  # fmt: skip
        assert found.scores[ours] == pytest.approx(scores[theirs], abs=1e-5)  # mteb prints five digits
    assert np.mean(found.values) == pytest.approx(found.scores["ndcg@10"], abs=1e-12)
    assert set(found.ids) == set(TINY.queries)


def test_a_planted_wrong_ranking_is_caught() -> None:
    right = run("retrieval", TINY, AXES, noise=0.0)
    asked, other = (f"q-{SUBJECTS[0]}", SUBJECTS[1])
    wrong = AXES | {TINY.queries[asked]: AXES[TINY.documents[other]]}
    planted = run("retrieval", TINY, wrong, noise=0.0)
    assert right.scores["ndcg@10"] == 1.0
    lost = [one for one, before, after in zip(right.ids, right.values, planted.values, strict=True) if after < before]
    assert lost == [asked]


def test_bm25_is_a_search_of_mteb() -> None:
    task = as_mteb(LocalTask("tiny.v1", "retrieval", "A tiny task.", (), lambda *_: TINY), TINY, seed=7)
    found = run_task(task, MtebBm25("bm25:snowball", Bm25Config()), split="test")
    assert found.scores["precision@1"] == 1.0


def labelled(shuffle: bool = False) -> tuple[LabelledData, dict[str, int]]:
    labels = ["bir", "iki", "üç"]
    texts = [(f"metin {n}", labels[n % 3]) for n in range(120)]
    axes = {text: labels.index(label) for text, label in texts}
    if shuffle:
        order = np.random.default_rng(7).permutation(120)
        texts = [(text, texts[place][1]) for (text, _), place in zip(texts, order, strict=True)]
    test = [(f"id{n}", text, label) for n, (text, label) in enumerate(texts[60:])]
    return LabelledData(texts[:60], test), axes


def test_classification_keeps_every_item_and_a_shuffled_label_shows() -> None:
    data, axes = labelled()
    found = run("classification", data, axes)
    assert found.ids == tuple(one for one, _, _ in data.test)
    assert 0.6 < found.scores["accuracy"] < 1.0
    assert np.mean(found.values) == pytest.approx(found.scores["accuracy"], abs=1e-9)
    shuffled = run("classification", *labelled(shuffle=True))
    assert shuffled.scores["accuracy"] < 0.5


def test_few_shot_draws_are_mtebs_own() -> None:
    data, _ = labelled()
    task: Any = as_mteb(LocalTask("tiny.v1", "classification", "A tiny task.", (), lambda *_: data), data, seed=3)
    task.load_data()
    ours: Any = None
    theirs: Any = None
    for number in range(3):
        _, ours, chosen = task._undersample_data(task.dataset["train"], number, ours)
        _, theirs, wanted = AbsTaskClassification._undersample_data(task, task.dataset["train"], number, theirs)
        assert chosen == wanted
    assert len(chosen) == 3 * task.samples_per_label


def test_classification_scores_are_scikit_learns(tmp_path: Any) -> None:
    data, axes = labelled()
    task = as_mteb(LocalTask("tiny.v1", "classification", "A tiny task.", (), lambda *_: data), data, seed=7)
    model = MtebEncoder(Vectors(Noisy(axes), None))
    scores = task.evaluate(model, "test", encode_kwargs={"batch_size": 64}, prediction_folder=tmp_path)["default"]
    predictions = json.loads((tmp_path / task.prediction_file_name).read_text())["default"]["test"]
    gold = task.dataset["test"]["label"]
    found = measure(task, task.dataset["test"], scores, predictions, None)
    assert found.scores["accuracy"] == pytest.approx(np.mean([accuracy_score(gold, p) for p in predictions]), abs=1e-6)
    f1 = np.mean([f1_score(gold, p, average="macro") for p in predictions])
    assert found.scores["f1"] == pytest.approx(f1, abs=1e-6)


def pairs(values: list[float]) -> tuple[PairData, dict[str, int]]:
    rows = [(f"p{n}", f"sol {n}", f"sağ {n}", value) for n, value in enumerate(values)]
    axes = {
        text: n for n, (_, left, right, value) in enumerate(rows) for text, n in ((left, n), (right, n + (value < 1)))
    }
    return PairData(rows), axes


def cosines(data: PairData, axes: dict[str, int]) -> Any:
    left, right = (Noisy(axes).encode([row[side] for row in data.rows]) for side in (1, 2))
    return (left * right).sum(axis=1)


def test_pair_classification_is_scikit_learns_average_precision() -> None:
    data, axes = pairs([1.0, 0.0] * 30)
    found = run("pair classification", data, axes)
    gold = [int(row[3]) for row in data.rows]
    expected = average_precision_score(gold, cosines(data, axes))
    assert 0.6 < expected < 1.0
    assert found.scores["cosine_ap"] == pytest.approx(expected, abs=1e-6)
    assert np.mean(found.values) == pytest.approx(expected, abs=1e-6)


def test_sts_is_scipys_correlation() -> None:
    data, axes = pairs([n % 6 for n in range(60)])
    found = run("sts", data, axes)
    gold = [row[3] for row in data.rows]
    assert found.scores["cosine_spearman"] == pytest.approx(spearmanr(gold, cosines(data, axes)).statistic, abs=1e-6)
    assert found.scores["cosine_pearson"] == pytest.approx(pearsonr(gold, cosines(data, axes)).statistic, abs=1e-6)
    assert np.mean(found.values) == pytest.approx(found.scores["cosine_spearman"], abs=1e-6)


def test_clustering_is_the_mean_v_measure_of_its_draws() -> None:
    data = GroupedData([(f"metin {n}", str(n % 4)) for n in range(80)])
    axes = {text: int(group) for text, group in data.rows}
    found = run("clustering", data, axes, noise=0.3)
    assert found.unit == "experiment"
    assert len(found.values) == 10
    assert found.scores["v_measure"] == pytest.approx(np.mean(found.values))
    assert found.scores["v_measure"] > 0.9
    assert v_measure_score([0, 0, 1, 1], [1, 1, 0, 0]) == 1.0
    shuffled = run("clustering", data, {text: n // 20 for n, (text, _) in enumerate(data.rows)}, noise=0.3)
    assert shuffled.scores["v_measure"] < 0.3


def test_pseudo_values_of_a_mean_are_the_values_and_their_spread_is_right() -> None:
    rng = np.random.default_rng(7)
    x = rng.standard_normal(50)
    np.testing.assert_allclose(pseudo_values(lambda a, _: float(a.mean()), x, x), x, atol=1e-12)
    y = 0.6 * x + 0.8 * rng.standard_normal(50)
    values = pseudo_values(lambda a, b: float(np.corrcoef(a, b)[0, 1]), x, y)
    r = np.corrcoef(x, y)[0, 1]
    assert values.mean() == pytest.approx(r)
    # Standard error of a correlation of normal data: (1 - r^2) / sqrt(n).
    assert values.std(ddof=1) / np.sqrt(50) == pytest.approx((1 - r**2) / np.sqrt(50), rel=0.35)


def test_symmetric_tasks_are_asked_as_queries() -> None:
    roles = []

    class Listening(Noisy):
        def encode(self, texts: Any, *, role: Any = "document") -> Any:
            roles.append(role)
            return super().encode(texts, role=role)

    model = MtebEncoder(Vectors(Listening({"a": 0}), None))
    for kind in (None, PromptType.query, PromptType.document):
        model.encode([{"text": ["a"]}], prompt_type=kind)
    assert roles == ["query", "query", "document"]
