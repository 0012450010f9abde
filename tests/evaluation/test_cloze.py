"""Cloze: ranks, ways of scoring, groups, faults; and that a model that knows nothing is at chance."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from mecelle.base.errors import InputError
from mecelle.base.protocols import MaskFiller, OptionScores, TextScores
from mecelle.evaluation import cloze_report as report
from mecelle.evaluation.tasks import cloze
from mecelle.evaluation.tasks.cloze import ClozeItem


class Knowing:
    """A masked model that likes `liked` best, and whose long options cost more the more tokens they have."""

    name, fingerprint, cased = "knowing", "f" * 32, True

    def __init__(self, liked: dict[str, float]) -> None:
        self.liked = liked

    def score_options(self, sentences, options, *, scoring="word_left_to_right", placing="in_sentence"):
        rows = []
        for own in options:
            tokens = np.array([len(option.split()) for option in own])
            rows.append(OptionScores(np.array([self.liked.get(option, -5.0) for option in own]) * tokens, tokens))
        return rows

    def predict_spans(self, *_, **__): ...
    def token_spans(self, text): ...
    def fill(self, sentence, *, k): ...


class Causal:
    """Likes sentences by a table."""

    name, fingerprint, likelihood = "causal", "c" * 32, "likelihood"

    def __init__(self, nats: dict[str, float]) -> None:
        self.nats = nats

    def score_texts(self, texts, *, context, stride=None):
        words = np.array([len(text.split()) for text in texts])
        return TextScores(np.array([self.nats[text] for text in texts]), words, words)


def item(name: str, gold: str, *others: str, kind: str = "unmarked") -> ClozeItem:
    return ClozeItem(name, f"{name} [MASK] denir.", (*others, gold), gold, kind)


def test_ranks_and_ties():
    model = Knowing({"a": -1.0, "b": -1.0, "c": -2.0, "d": -3.0})
    items = [item("best", "c", "d", "x", "y"), item("tie", "a", "b", "c", "d"), item("worst", "x", "a", "b", "c")]
    ranks = cloze.ranks_of(items, cloze.score_items(model, items))
    assert ranks[cloze.MAIN].tolist() == [1, 2, 4]


def test_an_option_without_a_score_is_worst():
    scores = {"independent.in_sentence": [OptionScores(np.array([-1.0, -2.0, -3.0, np.nan]), np.ones(4))]}
    found = cloze.outcome([item("one", "a", "b", "c", "d")], scores, {}).scores
    assert (found["top1"], found["top3"]) == (0.0, 0.0)


def test_the_length_of_an_option_decides_between_sum_and_mean():
    model = Knowing({"tacirler": -3.0, "ticaret ile uğraşanlar": -2.0})
    items = [item("iflas", "ticaret ile uğraşanlar", "tacirler")]
    ranks = cloze.ranks_of(items, cloze.score_items(model, items))
    assert ranks["independent.in_sentence.mean"].tolist() == [1]
    assert ranks["independent.in_sentence.sum"].tolist() == [2]


def test_all_ways_are_told():
    assert isinstance(Knowing({}), MaskFiller)
    items = [item("one", "a", "b")]
    found = cloze.ranks_of(items, cloze.score_items(Knowing({"a": -1.0}), items))
    assert len(found) == 12
    assert {way.split(".")[0] for way in found} == {"independent", "one_at_a_time", "word_left_to_right"}


def test_causal_models_score_whole_sentences():
    items = [ClozeItem("one", "a [MASK] c", ("x", "y y y"), "y y y", "unmarked")]
    ranks = cloze.ranks_of(items, cloze.score_items(Causal({"a x c": 6.0, "a y y y c": 7.0}), items))
    assert {way: own.tolist() for way, own in ranks.items()} == {"sentence.sum": [2], "sentence.mean": [1]}
    assert cloze.outcome(items, cloze.score_items(Causal({"a x c": 6.0, "a y y y c": 7.0}), items), {}).values == (0.0,)


def test_groups_and_leaked_items():
    model = Knowing({"a": -1.0})
    items = [
        item("right", "a", "b", kind="single_token"),
        item("wrong", "c d", "a", kind="multi_token"),
        item("leaked", "a", "b", kind="single_token"),
    ]
    found = cloze.outcome(items, cloze.score_items(model, items), {"leaked": "shared_ngram"})
    assert found.values == (1.0, 0.0, 1.0)
    assert found.scores["top1"] == pytest.approx(2 / 3)
    assert (found.scores["top1.untouched"], found.scores["n.touched"], found.scores["n.untouched"]) == (0.5, 1.0, 2.0)
    assert (found.scores["top1.marked_single_token"], found.scores["top1.marked_multi_token"]) == (1.0, 0.0)
    assert (found.scores["n.options_of_one_token"], found.scores["n.options_of_more_tokens"]) == (2.0, 1.0)


def test_a_model_that_knows_nothing_is_at_chance():
    rng = np.random.default_rng(5)
    items = [item(f"i{n}", "a", "b", "c", "d") for n in range(4_000)]
    scores = {"independent.in_sentence": [OptionScores(rng.normal(size=4), np.ones(4)) for _ in items]}
    found = cloze.outcome(items, scores, {}).scores
    assert found["top1"] == pytest.approx(0.25, abs=0.02)
    assert found["top3"] == pytest.approx(0.75, abs=0.02)


def test_shuffled_golds_fall_to_chance():
    rng = np.random.default_rng(6)
    right = [item(f"i{n}", "a", "b", "c", "d") for n in range(2_000)]
    scores = cloze.score_items(Knowing({"a": -1.0}), right)
    wrong = [ClozeItem(one.id, one.sentence, one.options, str(rng.choice(one.options)), "") for one in right]
    assert cloze.outcome(right, scores, {}).scores["top1"] == 1.0
    assert cloze.outcome(wrong, scores, {}).scores["top1"] == pytest.approx(0.25, abs=0.03)


def test_scores_are_written_and_read_back(tmp_path):
    items = [item("one", "a", "b"), item("two", "c d", "a")]
    scores = cloze.score_items(Knowing({"a": -1.0}), items)
    cloze.write_scores(tmp_path / "o.jsonl", items, scores, {"one": "near_copy"})
    read, made = cloze.read_ranks(tmp_path / "o.jsonl", items), cloze.ranks_of(items, scores)
    assert {way: own.tolist() for way, own in read.items()} == {way: own.tolist() for way, own in made.items()}


GOOD = {
    "id": "x",
    "sentence": "a [MASK].",
    "options": ["b ", "c"],
    "gold": "b",
    "metadata": {"mask_type": "single_token"},
}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"sentence": "a."}, "not_one_mask"),
        ({"sentence": None}, "no_sentence_or_gold"),
        ({"options": ["b"]}, "no_options"),
        ({"options": ["b", " "]}, "empty_or_equal_options"),
        ({"options": ["b", "b "]}, "empty_or_equal_options"),
        ({"gold": "z"}, "gold_is_no_option"),
        ({"id": "x"}, "same_id"),
        ({"id": None}, None),
    ],
)
def test_items_that_cannot_be_scored_are_counted(write_rows, change, reason):
    items, accounts = cloze.read_items(write_rows("cloze.jsonl", [GOOD, GOOD | {"id": "y"} | change]))
    accounts.check()
    assert accounts.failed == ({reason: 1} if reason else {})
    assert items[0] == ClozeItem("x", "a [MASK].", ("b", "c"), "b", "single_token")
    assert items[0].filled == "a b."


def test_no_items(write_rows, tmp_path):
    with pytest.raises(InputError, match="no item that can be scored"):
        cloze.read_items(write_rows("cloze.jsonl", [GOOD | {"gold": "z"}]))
    with pytest.raises(InputError, match="no such file"):
        cloze.read_items(tmp_path / "absent.jsonl")


def test_the_hash_is_of_what_is_asked():
    items = [item("one", "a", "b"), item("one", "b", "a"), item("two", "a", "b")]
    hashes = [cloze.data_hash([one]) for one in items]
    assert len(set(hashes)) == 3


def test_tables_test_ways_and_models():
    rng = np.random.default_rng(1)
    good, bad = (rng.random(200) < share for share in (0.8, 0.4))
    ranks = {
        name: {cloze.MAIN: np.where(own, 1, 4), "one_at_a_time.apart.sum": np.where(bad, 1, 4)}
        for name, own in (("good", good), ("bad", bad))
    }
    (row,) = report.between_models(ranks)["rows"]
    assert float(row["p (Holm)"]) < 0.001
    assert float(row["difference"]) == pytest.approx(good.mean() - bad.mean(), abs=1e-3)
    ways = report.between_ways(ranks)["rows"]
    assert [float(one["p"]) < 0.001 for one in ways] == [True, False]
    table = report.accuracies(ranks, seed=1)["rows"]
    assert table[0]["top1 (Wilson)"].startswith(f"{good.mean():.3f}".removeprefix("0"))


def test_the_real_items(real_data):
    items, accounts = cloze.read_items(real_data / "legal" / "cloze.jsonl.gz")
    assert (len(items), accounts.failed) == (250, {})
    assert all(len(one.options) == 4 for one in items)
    assert all(a.id < b.id for a, b in pairwise(items)) or len({one.id for one in items}) == 250


@pytest.mark.parametrize("told", [False, True])
def test_leakage_is_told_only_where_it_was_looked_for(*, told: bool) -> None:
    record = SimpleNamespace(
        model="m",
        leakage_known=told,
        scores={"n.untouched": 4.0, "top1.untouched": 0.5, "top3.untouched": 0.75, "n.all": 4.0}
        | {"top1.all": 0.5, "top3.all": 0.75},
    )
    groups = [row["items"] for row in report.groups([record])["rows"]]  # type: ignore[list-item]
    assert groups == (["untouched", "all"] if told else ["all"])
