"""The data builder: same seed, same bytes; no question on both sides; everything counted."""

from pathlib import Path

import orjson
import pytest

from mecelle.base import artifacts
from mecelle.base.errors import ConfigError, InputError
from mecelle.reward.pairs.build import build_reward_pairs
from mecelle.reward.pairs.config import RewardPairsConfig
from mecelle.reward.pairs.record import Example, read_examples

CONFIG = RewardPairsConfig(near_question=1.0)


@pytest.fixture(scope="module")
def pairs(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pairs") / "pairs"
    build_reward_pairs(documents, out, CONFIG, seed=7)
    return out


def sides(pairs: Path) -> tuple[list[Example], list[Example]]:
    return list(read_examples(pairs)), list(read_examples(pairs, held_out=True))


def test_same_seed_same_bytes(documents: Path, pairs: Path, tmp_path: Path) -> None:
    build_reward_pairs(documents, tmp_path / "again", CONFIG, seed=7)
    build_reward_pairs(documents, tmp_path / "other", CONFIG, seed=8)
    hashes = [artifacts.read_marker(folder).hash for folder in (pairs, tmp_path / "again", tmp_path / "other")]
    assert hashes[0] == hashes[1] != hashes[2]


def test_no_question_or_answer_on_both_sides(pairs: Path) -> None:
    training, held_out = sides(pairs)
    assert {one.kind for one in training} == {"asked_question.v1", "cited_article.v1", "cited_decision.v1"}
    assert held_out
    assert not {one.question for one in training} & {one.question for one in held_out}
    shared = {one.answer for one in training} & {one.answer for one in held_out}
    # A few first words may be those of another answer, too.
    assert all("broken_off.v1" in one.damages for one in (*training, *held_out) if one.answer in shared)


def test_each_question_has_its_true_answer_first(pairs: Path) -> None:
    for examples in sides(pairs):
        seen: set[str] = set()
        for example in examples:
            assert (example.question_id in seen) == bool(example.damages)
            seen.add(example.question_id)
            assert (min(value for value in example.labels.values() if value is not None) < 1) == bool(example.damages)


def test_unseen_damages_are_held_out(pairs: Path) -> None:
    training, held_out = ({name for one in side for name in one.damages} for side in sides(pairs))
    assert set(CONFIG.damages_held_out) & held_out
    assert not set(CONFIG.damages_held_out) & training
    assert set(CONFIG.damages) <= training


def test_evaluation_questions_are_on_neither_side(documents: Path, tmp_path: Path) -> None:
    scored = tmp_path / "scored.jsonl"
    scored.write_bytes(orjson.dumps({"id": "q", "query": "Kira bakımından 0 numaralı mesele nedir?"}) + b"\n")
    build_reward_pairs(documents, tmp_path / "out", CONFIG, seed=7, exclude=[scored])
    questions = {one.question for side in sides(tmp_path / "out") for one in side}
    assert "kira bakımından 0 numaralı mesele nedir?" not in questions
    record = artifacts.read_record(tmp_path / "out")
    assert record
    assert record.accounts
    assert record.accounts.dropped["leaked"] == 1


def test_near_questions_leave_the_training_side(documents: Path, tmp_path: Path) -> None:
    build_reward_pairs(documents, tmp_path / "out", RewardPairsConfig(near_question=0.5), seed=7)
    record = artifacts.read_record(tmp_path / "out")
    assert record
    assert record.accounts
    assert record.accounts.dropped["near_held_out"] > 0


def test_wrong_names_and_empty_collections_are_told(documents: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"padded\.v1"):
        build_reward_pairs(documents, tmp_path / "out", RewardPairsConfig(damages=("paded.v1",)), seed=7)
    with pytest.raises(InputError, match="no question could be asked"):
        build_reward_pairs(documents, tmp_path / "out", RewardPairsConfig(kinds=("defined_term.v1",)), seed=7)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"question": "?"}, "expected an object"),
        ({"question": "?", "answer": "!", "labels": {"acuracy": 1}}, "unknown objective 'acuracy'"),
        ({"question": "?", "answer": "!", "labels": {"legal_accuracy": 2}}, "legal_accuracy is 2"),
    ],
)
def test_rows_that_are_no_examples(row: object, message: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(orjson.dumps(row))
    with pytest.raises(InputError, match=message):
        list(read_examples(path))
