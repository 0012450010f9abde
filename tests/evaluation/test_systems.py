"""Systems on a task whose answers are known, and the stage that compares them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from mecelle.base import artifacts
from mecelle.base.collection import read_jsonl
from mecelle.base.errors import ConfigError
from mecelle.evaluation import stage
from mecelle.evaluation.choice import HEADLINE, choose, default_systems
from mecelle.evaluation.metrics.ranking import score_rankings
from mecelle.evaluation.stage import EvaluationConfig, evaluate
from mecelle.evaluation.systems import Panel
from mecelle.evaluation.tasks.retrieval import RetrievalTask
from mecelle.retrieval.fusion import min_max

SUBJECTS = ["kira", "miras", "nafaka", "ipotek", "haciz", "kefalet", "velayet", "vergi", "sigorta", "boşanma",
            "iflas", "ceza", "temyiz", "vekalet", "tapu", "irtifak", "rehin", "şufa", "vakıf", "dernek"]  # fmt: skip
WORDED = SUBJECTS[:10]
"""Only these stand in their question word for word: words find half of the documents."""


def question(subject: str) -> str:
    return f"{subject} hakkında ne denir" if subject in WORDED else f"konu {len(subject)}{subject[::-1]}"


def document(subject: str) -> str:
    return f"{subject} bu kanuna göre düzenlenir"


def axes() -> dict[str, int]:
    """Each question lies on the axis of its document."""
    return {text: axis for axis, s in enumerate(SUBJECTS, start=1) for text in (question(s), document(s))}


@pytest.fixture
def task() -> RetrievalTask:
    return RetrievalTask(
        name="tiny",
        queries={f"q-{subject}": question(subject) for subject in SUBJECTS},
        documents={subject: document(subject) for subject in SUBJECTS},
        gold={f"q-{subject}": {subject} for subject in SUBJECTS},
    )


def first(ranking: Any) -> str:
    return str(ranking[0][0])


def test_an_encoder_that_knows_finds_all_and_words_find_half(task: RetrievalTask, one_hot: Any) -> None:
    panel = Panel(task, {"embedding": lambda: one_hot(axes())}, k=20, cache=None)
    dense, words = panel.rank("embedding"), panel.rank("bm25:snowball")
    assert all(first(dense[f"q-{subject}"]) == subject for subject in SUBJECTS)
    assert [
        subject for subject in SUBJECTS if words[f"q-{subject}"] and first(words[f"q-{subject}"]) == subject
    ] == WORDED


def test_fusion_takes_from_both(task: RetrievalTask, one_hot: Any) -> None:
    half = {text: axis for text, axis in axes().items() if axis > len(WORDED)}  # knows what words do not find
    panel = Panel(task, {"embedding": lambda: one_hot(half)}, k=20, cache=None)
    found = {
        name: sum(first(ranking) == query.removeprefix("q-") for query, ranking in panel.rank(name).items() if ranking)
        for name in ("embedding", "bm25:first5", "bm25:first5+embedding")
    }
    assert found["bm25:first5+embedding"] > max(found["embedding"], found["bm25:first5"])


def test_words_that_were_not_cut_off_reach_down_to_0_as_in_the_search(one_hot: Any) -> None:
    documents = {"a": "kira kira bedel", "b": "kira süresi ve yenilenmesi", "c": "miras"}
    task = RetrievalTask(name="tiny", queries={"q": "kira"}, documents=documents, gold={"q": {"b"}})
    axes = {"kira": 1, documents["b"]: 1}
    for k, floor in ((3, 0.0), (2, None)):
        panel = Panel(task, {"embedding": lambda: one_hot(axes)}, k=k, cache=None)
        words, vectors = (panel.rank(name)["q"] for name in ("bm25:snowball", "embedding"))
        assert [name for name, _ in words] == ["a", "b"]
        wanted = min_max([words, vectors], floors=[floor, None], k=k)
        assert panel.rank("bm25:snowball+embedding")["q"] == wanted
        assert (dict(wanted)["b"] > 0.5) == (k == 3)


def test_a_part_of_a_fusion_is_computed_once(task: RetrievalTask, one_hot: Any) -> None:
    encoder = one_hot(axes())
    panel = Panel(task, {"embedding": lambda: encoder}, k=20, cache=None)
    panel.rank("embedding")
    panel.rank("bm25:snowball+embedding")
    assert encoder.calls == 2  # documents and queries
    assert panel.fingerprints == {"embedding": "f" * 32}


def test_vectors_are_computed_once_for_all_runs(task: RetrievalTask, one_hot: Any, tmp_path: Path) -> None:
    def ranked(encoder: Any) -> Any:
        return Panel(task, {"embedding": lambda: encoder}, k=20, cache=tmp_path / "vectors").rank("embedding")

    cold, warm, other = one_hot(axes()), one_hot(axes()), one_hot(axes(), fingerprint="e" * 32)
    assert ranked(cold) == ranked(warm) == ranked(other)
    assert (cold.calls, warm.calls, other.calls) == (2, 0, 2)


def test_an_unknown_system_is_named(task: RetrievalTask) -> None:
    with pytest.raises(ConfigError, match=r"system 'bm52' is not known; known are bm25:snowball, bm25:first5"):
        Panel(task, {}, k=5, cache=None).rank("bm25:snowball+bm52")


def test_shuffled_gold_scores_lower(task: RetrievalTask, one_hot: Any) -> None:
    rankings = Panel(task, {"embedding": lambda: one_hot(axes())}, k=20, cache=None).rank("embedding")
    ids = {query: [name for name, _ in ranking] for query, ranking in rankings.items()}
    wrong = {f"q-{SUBJECTS[place - 1]}": {subject} for place, subject in enumerate(SUBJECTS)}
    right, shuffled = (sum(score_rankings(ids, gold)[HEADLINE].values()) / 20 for gold in (task.gold, wrong))
    assert right == 1.0
    assert shuffled < 0.5


CONFIG = EvaluationConfig(
    systems=("bm25:snowball", "embedding", "bm25:snowball+embedding"), resamples=1_000, examples=3
)


@pytest.fixture
def run(task: RetrievalTask, write_rows: Any, one_hot: Any, tmp_path: Path, monkeypatch: Any) -> Callable[..., Path]:
    """The stage on the tiny task; `known` is what the model knows of it."""

    def run(
        known: dict[str, int],
        name: str = "evaluation",
        config: EvaluationConfig = CONFIG,
        models: Sequence[str] = ("embedding",),
    ) -> Path:
        few = dict(list(known.items())[:4])
        monkeypatch.setattr(
            stage, "load_encoder", lambda place, **_: one_hot(few if str(place).endswith("encoder") else known)
        )
        questions = [{"id": key, "query": text, "gold": sorted(task.gold[key])} for key, text in task.queries.items()]
        articles = [{"id": key, "text": text} for key, text in task.documents.items()]
        for one in models:
            (tmp_path / one).mkdir(exist_ok=True)
        evaluate(
            tmp_path / name,
            config,
            models={one: stage.SHIPPED_MODEL if one == "shipped" else tmp_path / one for one in models},
            seed=7,
            queries=write_rows("questions.jsonl", questions),
            documents=write_rows("articles.jsonl", articles),
        )
        return tmp_path / name

    return run


def read(path: Path) -> Any:
    return orjson.loads(path.read_bytes())


def test_the_stage_scores_compares_and_chooses(run: Callable[..., Path]) -> None:
    out = run(axes())
    artifacts.verify(out)
    record = artifacts.read_record(out)
    assert record is not None
    assert record.accounts is not None
    assert record.accounts.kept == 20
    assert record.figures["queries"] == {"development": 10, "test": 10}
    assert record.figures["split"] == "random half"
    assert record.figures["missing_gold"] == 0
    scores = read(out / "scores.json")
    assert scores["test"]["embedding"][HEADLINE]["mean"] == 1.0
    assert scores["test"]["bm25:snowball"][HEADLINE]["mean"] < 0.9
    chosen = read(out / "chosen.json")
    assert {key: chosen[key] for key in ("system", "mode", "terms", "development")} == {
        "system": "embedding", "mode": "dense", "terms": None, "development": 1.0,
    }  # fmt: skip
    comparison = read(out / "comparisons.json")["bm25:snowball"]["embedding"]
    assert comparison["difference"] > 0.1
    assert comparison["p_holm"] >= comparison["p"]
    rows = list(read_jsonl(out / "per_query.jsonl"))
    assert len(rows) == 20 * 3
    assert {row["side"] for row in rows} == {"development", "test"}
    # Development queries may be looked at; test queries stay unread.
    shown = {example["query"] for example in read(out / "examples.json")}
    developed = {row["query"] for row in rows if row["side"] == "development"}
    assert len(shown) == 3
    assert shown <= {question(identifier.removeprefix("q-")) for identifier in developed}


def test_what_training_made_of_its_start_is_tested_beside_the_baselines(run: Callable[..., Path]) -> None:
    alone = read(run(axes(), "alone") / "comparisons.json")
    assert set(alone) == {"bm25:snowball"}
    config = CONFIG.model_copy(update={"systems": (*CONFIG.systems, "encoder", "shipped")})
    both = read(run(axes(), "both", config, models=("embedding", "encoder", "shipped")) / "comparisons.json")
    assert set(both) == {"bm25:snowball", "encoder"}
    assert set(both["encoder"]) == {"embedding"}
    assert both["encoder"]["embedding"]["difference"] > 0.1
    assert both["encoder"]["embedding"]["p_holm"] == both["encoder"]["embedding"]["p"], "a question of its own"


def test_same_input_and_seed_give_the_same_bytes(run: Callable[..., Path]) -> None:
    assert artifacts.read_marker(run(axes())).hash == artifacts.read_marker(run(axes(), "again")).hash


def test_a_winner_on_test_alone_is_not_chosen(run: Callable[..., Path]) -> None:
    rows = list(read_jsonl(run(axes(), "whole") / "per_query.jsonl"))
    on_test = {row["query"].removeprefix("q-") for row in rows if row["side"] == "test"}
    # This model knows the answers of the test queries alone, and takes all other questions for one of these.
    planted = {text: axis for s in on_test for text in (question(s), document(s)) for axis in (axes()[text],)}
    planted |= {question(s): axes()[document(sorted(on_test)[0])] for s in SUBJECTS if s not in on_test}
    out = run(planted, "planted", CONFIG.model_copy(update={"systems": ("bm25:snowball", "embedding")}))
    scores = read(out / "scores.json")
    assert scores["test"]["embedding"][HEADLINE]["mean"] > scores["test"]["bm25:snowball"][HEADLINE]["mean"]
    assert read(out / "chosen.json")["system"] == "bm25:snowball"


def chosen_from(systems: Sequence[str] | None = None, /, **scores: Sequence[float]) -> dict[str, Any]:
    """What is chosen from scores by query; `_` stands for `:` in a name and `__` for `+`."""
    named = {name.replace("__", "+").replace("_", ":"): values for name, values in scores.items()}
    return choose(named, tuple(systems or named), seed=3, resamples=2_000)


def test_yardsticks_are_not_chosen_and_of_equals_the_simpler_is() -> None:
    half, nine = [0.5] * 40, [0.9] * 40
    chosen = chosen_from(guide=nine, encoder=nine, bm25_first5=half, embedding=half, bm25_first5__guide=nine)
    assert (chosen["system"], chosen["mode"], chosen["terms"]) == ("bm25:first5", "bm25", "first5")
    with pytest.raises(ConfigError, match="none can serve a search"):
        chosen_from(guide=half)


def test_vectors_must_prove_their_gain() -> None:
    """Five queries, one of which vectors happen to win: the case that sent a small collection to a useless model."""
    lucky = {"bm25_first5": [0.0, 0.0, 0.0, 0.0, 0.0], "embedding": [1.0, 0.0, 0.0, 0.0, 0.0]}
    chosen = chosen_from(**lucky)
    assert chosen["mode"] == "bm25"
    assert chosen["gains"]["embedding"]["difference"] == pytest.approx(0.2)
    steady = {"bm25_first5": [0.3, 0.5] * 20, "embedding": [0.5, 0.6] * 20}
    assert chosen_from(**steady)["mode"] == "dense"
    assert chosen_from(embedding=[0.1, 0.2])["mode"] == "dense"  # nothing else was asked for


def test_nothing_to_evaluate_on_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="give queries and documents, or an artifact of pairs"):
        evaluate(tmp_path / "out", CONFIG, models={}, seed=7)
    with pytest.raises(ConfigError, match="queries and documents go together"):
        evaluate(tmp_path / "out", CONFIG, models={}, seed=7, queries=tmp_path / "q.jsonl", pairs=tmp_path)
    assert not (tmp_path / "out").exists()


def test_systems_follow_from_the_models() -> None:
    assert default_systems(()) == ("bm25:snowball", "bm25:first5", "guide", "bm25:first5+guide")
    assert default_systems(("encoder", "mine", "guide")) == (
        "bm25:snowball", "bm25:first5", "guide", "encoder", "mine", "bm25:first5+guide", "bm25:first5+mine",
    )  # fmt: skip


def test_a_model_of_any_name_is_chosen() -> None:
    scores = {
        "bm25_snowball": [0.2] * 30,
        "bm25_first5": [0.3] * 30,
        "mine": [0.5] * 30,
        "bm25_first5__mine": [0.6] * 30,
    }
    chosen = chosen_from(**scores)
    assert (chosen["system"], chosen["mode"], chosen["terms"]) == ("bm25:first5+mine", "hybrid", "first5")
    scores["mine"] = [0.9] * 30
    assert chosen_from(**scores)["mode"] == "dense"
    scores["mine__other"] = scores["bm25_snowball__bm25_first5"] = [1.0] * 30  # no index holds these
    assert chosen_from(**scores)["system"] == "mine"


def test_names_are_checked_before_ranking(run: Callable[..., Path], monkeypatch: Any) -> None:
    monkeypatch.setattr(Panel, "rank", lambda *_: pytest.fail("ranked before all names were checked"))
    with pytest.raises(ConfigError, match="system 'embeding' is not known"):
        run(axes(), "wrong", CONFIG.model_copy(update={"systems": ("bm25:snowball", "embeding")}))


def test_the_shipped_model_with_words_is_used_until_another_is_proved_better() -> None:
    few = {"bm25_first5": [1.0, 0.0, 0.0], "embedding": [1.0, 1.0, 0.0], "bm25_first5__shipped": [0.0, 0.0, 1.0]}
    chosen = chosen_from(**few)
    assert (chosen["system"], chosen["mode"], chosen["terms"], chosen["model"]) == (
        "bm25:first5+shipped", "hybrid", "first5", "shipped",
    )  # fmt: skip
    better = {"bm25_first5": [0.5, 0.6] * 20, "bm25_first5__shipped": [0.3, 0.5] * 20}
    chosen = chosen_from(**better)
    assert (chosen["system"], chosen["model"]) == ("bm25:first5", None)
