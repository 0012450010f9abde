"""The stage "choice" end to end: eight snapshots and a mean of them, measured, one chosen, the same bytes again."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from transformers import AutoModelForMaskedLM, AutoTokenizer

from mecelle.base import artifacts
from mecelle.base.collection import read_jsonl
from mecelle.base.errors import ConfigError
from mecelle.embedding.config import EmbeddingConfig
from mecelle.evaluation.probing.probe import ProbeConfig
from mecelle.evaluation.tasks.masked_accuracy import MaskedAccuracyConfig
from mecelle.evaluation.tasks.retrieval import RetrievalTask
from mecelle.recipes.choice import run as module
from mecelle.recipes.choice.candidates import averages, find
from mecelle.recipes.choice.config import ChoiceConfig
from mecelle.recipes.choice.run import choose
from mecelle.recipes.choice.searching import thinned
from mecelle.training.lineage import Lineage

CONFIG = ChoiceConfig(
    max_length=64,
    masked=MaskedAccuracyConfig(documents=60, passage_words=20),
    probes=ProbeConfig(train_words=60, test_words=30, resamples=100),
    geometry_texts=20,
    resamples=200,
)
STEPS = range(3, 25, 3)


def choice(out: Path) -> Any:
    return orjson.loads((out / "choice.json").read_bytes())


@pytest.fixture(scope="module")
def made(material: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("made")
    decide(material, place)
    return place / "choice"


def decide(material: Any, place: Path, **more: Any) -> None:
    choose(
        [material.run],
        place / "choice",
        more.pop("config", CONFIG),
        queries=material.queries,
        documents=material.documents,
        heldout=material.heldout,
        treebank=material.treebank,
        work=place / "work",
        seed=5,
        **more,
    )


def test_every_checkpoint_is_measured(made: Path) -> None:
    rows = choice(made)["candidates"]
    assert [row["name"] for row in rows] == [*(f"encoder@{step}" for step in STEPS), "encoder:mean3"]
    assert rows[-1]["members"] == ["encoder@18", "encoder@21", "encoder@24"]
    assert [row["tokens"] for row in rows] == sorted(row["tokens"] for row in rows)
    assert len({row["masked"]["tokens"] for row in rows}) == 1, "not the same masks"
    losses = [row["masked"]["loss"]["mean"] for row in rows]
    assert losses[7] < losses[0]
    for row in rows:
        found = row["retrieval"]["zero-shot"]["ndcg@10"]
        assert found["low"] <= found["mean"] <= found["high"]
        assert set(row["probes"]) == {"case", "number", "part_of_speech"}
        assert -1 <= row["geometry"]["mean_cosine"] <= 1


def test_the_test_queries_are_asked_of_two_at_most(made: Path, material: Any) -> None:
    decision, tested = choice(made)["decision"], choice(made)["test"]
    assert set(tested) == {decision["chosen"], decision["lowest_loss"]}
    rows = list(read_jsonl(made / "per_query.jsonl"))
    development = {row["query"] for row in rows if row["part"] != "test"}
    test = {row["query"] for row in rows if row["part"] == "test"}
    assert not development & test
    assert len(development | test) == sum(choice(made)["queries"].values())


def test_the_chosen_one_is_a_plain_model_with_lineage(made: Path) -> None:
    decision = choice(made)["decision"]
    assert decision["chosen"] in decision["tied"]
    model = AutoModelForMaskedLM.from_pretrained(made / "model")
    assert model.config.vocab_size == len(AutoTokenizer.from_pretrained(made / "model"))
    rows = {row["name"]: row for row in choice(made)["candidates"]}
    assert Lineage(made / "model").steps == rows[decision["chosen"]]["step"]


def test_the_page_shows_the_curves(made: Path) -> None:
    page = (made / "choice.html").read_text(encoding="utf-8")
    names = ("retrieval-and-loss", "scores-over-training", "inside-over-training", "training")
    for name in names:
        assert (made / f"{name}.svg").read_text(encoding="utf-8").strip() in page
    assert choice(made)["verdict"].replace("'", "&#39;") in page
    assert "Asked of the candidates as pre-training left them (zero-shot)" in page


def test_post_training_decides_and_the_same_comes_out_again(material: Any, tmp_path: Path) -> None:
    short = EmbeddingConfig(
        loss="info_nce.v1", batch=4, accumulation=1, most_steps=2, max_length=32, evaluation_pairs=2, precision="fp32"
    )
    config = CONFIG.model_copy(update={"post_training": short, "averages": ()})
    run = material.run / "snapshots"
    place, found = tmp_path / "choice", {}
    for part, cache in (("first", None), ("again", tmp_path / "vectors")):
        choose(
            [run / f"{step:08d}" for step in (3, 24)],
            place,
            config,
            queries=material.queries,
            documents=material.documents,
            heldout=material.heldout,
            pairs=material.pairs,
            work=tmp_path / "work",
            cache=cache,
            seed=5,
        )
        found[part] = artifacts.read_marker(place).hash
    assert found["first"] == found["again"]
    assert len(list((tmp_path / "work" / "post-trained").glob("*/modules.json"))) == 2, "trained twice"
    told = choice(place)
    assert told["deciding"] == "post-trained"
    assert set(told["candidates"][0]["retrieval"]) == {"zero-shot", "post-trained"}
    assert "same short training on pairs: 2 steps of 4 by info_nce.v1" in told["way"]
    assert told["way"] in (place / "choice.html").read_text(encoding="utf-8")
    choose(
        [run / f"{step:08d}" for step in (3, 24)],
        tmp_path / "alone",
        config.model_copy(update={"zero_shot": False}),
        queries=material.queries,
        documents=material.documents,
        heldout=material.heldout,
        pairs=material.pairs,
        work=tmp_path / "work",
        seed=5,
    )
    alone = choice(tmp_path / "alone")
    assert alone["decision"] == told["decision"], "what is left out has a say"
    assert set(alone["candidates"][0]["retrieval"]) == {"post-trained"}


def test_a_guided_training_without_guide_is_refused_before_anything_is_measured(material: Any, tmp_path: Path) -> None:
    guided = CONFIG.model_copy(update={"post_training": EmbeddingConfig(loss="guided_info_nce.v1")})
    with pytest.raises(ConfigError, match=r"post_training\.loss 'guided_info_nce\.v1' needs --guide"):
        decide(material, tmp_path, config=guided, pairs=material.pairs)
    assert not list(tmp_path.iterdir())


def test_names_that_clash_are_refused(material: Any) -> None:
    with pytest.raises(ConfigError, match="name them apart: first=FOLDER"):
        find([material.run, material.run])
    names = [one.name for one in find([f"a={material.run}", f"b={material.run}"])]
    assert names == [f"{run}@{step}" for run in "ab" for step in STEPS]


def test_fewer_documents_keep_what_answers() -> None:
    documents = {f"d{number}": str(number) for number in range(40)}
    gold = {"a": {"d3", "gone"}, "b": {"d3", "d17"}}
    task = RetrievalTask(name="t", queries={"a": "?", "b": "?"}, documents=documents, gold=gold)
    found = {seed: thinned(task, 10, seed=seed).documents for seed in (1, 2)}
    assert all(len(kept) == 10 and {"d3", "d17"} <= kept.keys() for kept in found.values())
    assert found[1] != found[2]
    assert thinned(task, 10, seed=1).documents == found[1]
    assert thinned(task, 1, seed=1).documents.keys() == {"d3", "d17"}
    assert thinned(task, None, seed=1) is task


def test_a_run_with_too_few_snapshots_has_no_mean(material: Any, tmp_path: Path) -> None:
    found = find([material.run])[:2]
    assert averages(found, (3,), tmp_path) == []
    (mean,) = averages(found, (2,), tmp_path)
    assert mean.members == ("encoder@3", "encoder@6")
    assert mean.step == 6


def test_test_queries_are_never_seen_before_the_choice(
    material: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search on test comes after the decision: a decision that fails leaves test unasked."""
    asked: list[set[str]] = []
    real = module.search

    def spied(folders: Any, task: Any, **more: Any) -> Any:
        asked.append(set(task.queries))
        return real(folders, task, **more)

    def failing(*_: Any, **__: Any) -> Any:
        raise ConfigError("stop")

    monkeypatch.setattr(module, "search", spied)
    monkeypatch.setattr(module, "decide", failing)
    with pytest.raises(ConfigError, match="stop"):
        choose(
            [material.run / "snapshots" / f"{step:08d}" for step in (3, 24)],
            tmp_path / "choice",
            CONFIG.model_copy(update={"averages": ()}),
            queries=material.queries,
            documents=material.documents,
            heldout=material.heldout,
            work=tmp_path / "work",
            seed=5,
        )
    everything = {row["id"] for row in read_jsonl(material.queries)}
    assert len(asked) == 1
    assert asked[0] < everything
