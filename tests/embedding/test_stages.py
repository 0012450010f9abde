"""Trainings one after another: orders at equal budget, chains that go on, what held-out figures they leave."""

from pathlib import Path

import orjson
import pytest

from mecelle.base import artifacts
from mecelle.base.collection import read_jsonl
from mecelle.embedding.config import VERSION, EmbeddingConfig
from mecelle.embedding.lengths import pair_lengths
from mecelle.embedding.pairs.record import Draft, make_pair, write_pairs
from mecelle.embedding.stages.chain import Step, train_chain
from mecelle.embedding.stages.named import ORDERS, STAGES, at_equal_budget

SMALL = EmbeddingConfig(
    loss="multiple_negatives.v1", batch=8, accumulation=1, most_steps=2, max_length=32, evaluation_pairs=4,
    evaluation_steps=1, log_steps=1, precision="fp32", learning_rate=1e-3,
)  # fmt: skip


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_sees_equally_many_pairs(order: str) -> None:
    steps = {"nli": 64, "sts": 32, "retrieval": 10}
    configs = at_equal_budget(STAGES, ORDERS[order], steps)
    assert tuple(configs) == ORDERS[order]
    seen = sum(one.batch * one.accumulation * (one.most_steps or 0) for one in configs.values())
    wanted = sum(STAGES[name].batch * steps[name] for name in STAGES)
    assert wanted - STAGES["retrieval"].batch < seen <= wanted


@pytest.fixture
def graded(tmp_path: Path) -> Path:
    with artifacts.create(tmp_path / "sts", stage="pairs", version=1, parameters={}, inputs={}, seed=1) as run:
        texts = [
            (f"kira {n} mahkeme", f"{n} haciz daire" if n % 2 else f"kira {n} mahkeme", float(n % 5)) for n in range(48)
        ]
        write_pairs(
            [
                make_pair(Draft(a, b, f"s#{n}", f"s#{n}"), kind="sts", grade=grade)
                for n, (a, b, grade) in enumerate(texts)
            ],
            run.folder,
        )
    return tmp_path / "sts"


def test_each_stage_trains_what_the_one_before_left(encoder: Path, pairs: Path, graded: Path, tmp_path: Path) -> None:
    steps = [
        Step("sts", graded, SMALL.model_copy(update={"loss": "cosent.v1"})),
        Step("retrieval", pairs, SMALL),
    ]
    made = train_chain(encoder, steps, tmp_path / "chain", seed=3, work=tmp_path / "work")
    assert list(made) == ["sts", "retrieval"]
    records = {name: artifacts.read_record(place) for name, place in made.items()}
    assert records["retrieval"] is not None
    assert records["retrieval"].inputs["encoder"].hash == artifacts.hash_input(made["sts"])
    curve = list(read_jsonl(made["sts"] / "curve.jsonl"))
    assert -1 <= curve[-1]["eval_spearman"] <= 1
    again = train_chain(encoder, steps, tmp_path / "chain", seed=3, work=tmp_path / "work")
    assert again == made
    assert {name: artifacts.read_record(place) for name, place in again.items()} == records  # not made anew
    changed = [steps[0], Step("retrieval", pairs, SMALL.model_copy(update={"learning_rate": 2e-3}))]
    train_chain(encoder, changed, tmp_path / "chain", seed=3, work=tmp_path / "work")
    assert artifacts.read_record(made["sts"]) == records["sts"]
    assert artifacts.read_record(made["retrieval"]) != records["retrieval"]


def test_what_an_older_version_of_the_training_made_is_made_again(encoder: Path, pairs: Path, tmp_path: Path) -> None:
    steps, kept = [Step("retrieval", pairs, SMALL)], tmp_path / "chain" / "1-retrieval.run.json"
    train_chain(encoder, steps, tmp_path / "chain", seed=3, work=tmp_path / "work")
    record = orjson.loads(kept.read_bytes())
    kept.write_bytes(orjson.dumps(record | {"version": VERSION - 1}))
    train_chain(encoder, steps, tmp_path / "chain", seed=3, work=tmp_path / "work")
    assert orjson.loads(kept.read_bytes())["version"] == VERSION


def test_lengths_tell_what_each_limit_costs(encoder: Path, pairs: Path) -> None:
    found = pair_lengths(pairs, encoder, max_length=8)["documents"]
    rows = {row["max_length"]: row for row in found["by_limit"]}
    assert rows[8]["coverage"] == 0
    assert rows[8]["share_lost"] == found["share_lost"] > 0.2
    assert rows[64] == {"max_length": 64, "coverage": 1.0, "share_lost": 0.0}
