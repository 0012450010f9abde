"""The split: nothing that is scored stands, or almost stands, where it may be trained on."""

import gzip
import random
from itertools import combinations
from pathlib import Path
from typing import Any

import orjson
import pytest

from mecelle.base.document import content_hash
from mecelle.base.errors import InputError
from mecelle.evaluation.splits import Splits, make_splits, write

WORDS = ("kira", "bedel", "tahliye", "kusur", "zarar", "miras", "vekil", "temyiz", "süre", "ihtar", "fesih", "haciz")
SEED = 3


def text_of(rng: random.Random, count: int) -> str:
    return " ".join(f"{rng.choice(WORDS)}{rng.randrange(50)}" for _ in range(count))


def changed_in_one_word(text: str, place: int) -> str:
    words = text.split()
    return " ".join([*words[:place], "başka", *words[place + 1 :]])


def write_gz(folder: Path, name: str, rows: list[dict[str, Any]]) -> None:
    (folder / f"{name}.jsonl.gz").write_bytes(gzip.compress(b"".join(orjson.dumps(row) + b"\n" for row in rows)))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """40 questions (q0 and q1 near-copies), 30 decisions (10 sectioned; d0 and d1 near-copies; d20 copies d2)."""
    rng = random.Random(0)
    questions = [text_of(rng, 12) for _ in range(40)]
    questions[1] = changed_in_one_word(questions[0], 11)
    decisions = [text_of(rng, 200) for _ in range(30)]
    decisions[1] = changed_in_one_word(decisions[0], 100)
    for copy in range(20, 30):
        decisions[copy] = changed_in_one_word(decisions[copy - 20], 50)
    subsets = ["manual_gold" if number < 20 else "synthetic" for number in range(40)]
    folder = tmp_path / "legal"
    folder.mkdir()
    write_gz(
        folder,
        "retrieval_statutes",
        [
            {"id": f"q{n}", "query": question, "gold": ["6098:m1"], "subset": subset}
            for n, (question, subset) in enumerate(zip(questions, subsets, strict=True))
        ]
        + [{"id": "q-no-gold", "query": "Dayanağı olmayan soru nedir?", "gold": [], "subset": "manual_gold"}],
    )
    write_gz(folder, "qa", [{"question": questions[5], "answer": "evet"}, {"question": text_of(rng, 12), "answer": ""}])
    write_gz(
        folder,
        "mcq",
        [{"id": "m0", "question": changed_in_one_word(questions[6], 0)}, {"id": "m1", "question": text_of(rng, 9)}],
    )
    courts = ["Yargıtay" if number % 2 else "Danıştay" for number in range(30)]
    write_gz(
        folder,
        "decisions",
        [
            {"id": f"d{n}", "court": court, "text": text}
            for n, (court, text) in enumerate(zip(courts, decisions, strict=True))
        ],
    )
    sections = [
        {"id": f"d{n}", "court": courts[n], "sections": [{"label": "ruling", "text": decisions[n]}]} for n in range(10)
    ]
    write_gz(folder, "decision_sections", sections)
    return folder


def test_same_data_and_seed_give_the_same_bytes(data: Path, tmp_path: Path) -> None:
    one, two, other = (tmp_path / name for name in ("one.json", "two.json", "other.json"))
    for path, seed in ((one, SEED), (two, SEED), (other, SEED + 1)):
        write(make_splits(data, seed=seed), path)
    assert one.read_bytes() == two.read_bytes()
    assert Splits.load(one).questions != Splits.load(other).questions
    assert Splits.load(one) == make_splits(data, seed=SEED)


def test_every_question_with_gold_stands_on_one_side(data: Path) -> None:
    splits = make_splits(data, seed=SEED)
    dealt = [identifier for members in splits.questions.values() for identifier in members]
    assert sorted(dealt) == sorted(f"q{n}" for n in range(40))
    assert {side: len(members) for side, members in splits.questions.items()} == {"development": 20, "test": 20}
    assert splits.side("q-no-gold") is None
    for side in ("development", "test"):  # each stratum is dealt by itself
        assert sum(int(identifier[1:]) < 20 for identifier in splits.questions[side]) in (9, 10, 11)


@pytest.mark.parametrize("seed", range(8))
def test_near_copies_stand_on_one_side(data: Path, seed: int) -> None:
    splits = make_splits(data, seed=seed)
    assert splits.side("q0") == splits.side("q1")
    assert splits.side("d0") == splits.side("d1")


def test_copies_of_what_is_scored_are_held_out(data: Path) -> None:
    splits = make_splits(data, seed=SEED)
    scored = {*splits.decisions["development"], *splits.decisions["test"]}
    # d20 to d29 copy d0 to d9, which have gold sections. d0 and d1 are copies of each other, so d20 and d21 copy both.
    expected = {f"d{n + 20}": f"d{n}" for n in range(10) if f"d{n}" in scored}
    assert splits.decision_copies == expected
    held_out = splits.held_out()
    assert held_out >= scored | set(splits.decision_copies) | {f"q{n}" for n in range(40)}
    assert not held_out & set(splits.decisions["train"])


def test_rows_that_copy_a_question_are_excluded(data: Path) -> None:
    splits = make_splits(data, seed=SEED)
    asked = orjson.loads(gzip.decompress((data / "qa.jsonl.gz").read_bytes()).splitlines()[0])["question"]
    assert splits.qa_excluded == {content_hash(asked): "q5"}
    assert splits.mcq_excluded == {"m0": "q6"}


def test_an_absent_file_is_named(data: Path) -> None:
    (data / "mcq.jsonl.gz").unlink()
    with pytest.raises(InputError, match=r"mcq\.jsonl\.gz; the split needs"):
        make_splits(data, seed=SEED)


@pytest.mark.parametrize(("content", "told"), [(None, "no such file; `mecelle evaluate splits"), ("{}", "not a file")])
def test_a_file_that_is_no_split_is_refused(tmp_path: Path, content: str | None, told: str) -> None:
    path = tmp_path / "splits.json"
    if content:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        Splits.load(path)


def test_the_split_of_the_repository_is_disjoint(repository: Path) -> None:
    splits = Splits.load(repository / "docs" / "splits.json")
    for group in (splits.questions, splits.decisions):
        assert all(group.values())
        for one, other in combinations(group.values(), 2):
            assert not set(one) & set(other)
    assert not set(splits.decisions["train"]) & splits.held_out()
    assert splits.counts["questions test"] == len(splits.questions["test"])


@pytest.mark.slow
@pytest.mark.real_data
def test_the_split_of_the_repository_is_what_its_command_gives(repository: Path, real_data: Path) -> None:
    splits = Splits.load(repository / "docs" / "splits.json")
    assert make_splits(real_data / "legal", seed=splits.seed) == splits
