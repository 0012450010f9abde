"""The tasks over real files: nothing that is trained on is scored, nothing gives its answer away."""

from pathlib import Path

import pytest

from mecelle.base.errors import ConfigError, InputError
from mecelle.evaluation.splits import Splits
from mecelle.evaluation.suites import HUB, LOCAL, suite
from mecelle.evaluation.tasks.definition import (
    TASKS,
    Caps,
    Data,
    LabelledData,
    PairData,
    RetrievalData,
    Source,
    pool,
)
from mecelle.evaluation.tasks.local.decisions import MASK
from mecelle.text.citations import find_citations

CAPS = Caps(queries=60, documents=800, items=100, pairs=100)


@pytest.fixture(scope="module")
def source(real_data: Path, repository: Path) -> Source:
    return Source(real_data, repository / "docs" / "splits.json")


@pytest.fixture(scope="module")
def read(source: Source) -> dict[str, Data]:
    """All local tasks with small caps, read once."""
    return {name: TASKS.get(name).read(source, CAPS, 7) for name in TASKS.names()}


def test_every_query_has_an_answer_in_a_collection_of_the_asked_size(read: dict[str, Data]) -> None:
    for name, data in read.items():
        if isinstance(data, RetrievalData):
            assert data.queries.keys() == data.gold.keys(), name
            assert len(data.queries) <= CAPS.queries, name
            assert len(data.documents) <= CAPS.documents, name
            assert all(members & data.documents.keys() for members in data.gold.values()), name
            assert all(text.strip() for text in (*data.queries.values(), *data.documents.values())), name


def test_no_test_text_stands_in_training(read: dict[str, Data]) -> None:
    for name, data in read.items():
        if isinstance(data, LabelledData):
            texts = [text for _, text, _ in data.test]
            assert not set(texts) & {text for text, _ in data.train}, name
            assert len(set(texts)) == len(texts) <= CAPS.items, name
            assert {label for _, _, label in data.test} <= {label for _, label in data.train}, name


def test_legal_tasks_score_the_test_side_alone(read: dict[str, Data], source: Source) -> None:
    splits = Splits.load(source.splits or Path())
    citizens, summaries, cited = (
        read[name] for name in ("citizen_questions.v1", "decision_summaries.v1", "cited_articles.v1")
    )
    assert isinstance(citizens, RetrievalData)
    assert isinstance(summaries, RetrievalData)
    assert isinstance(cited, RetrievalData)
    assert set(citizens.queries) <= set(splits.questions["test"])
    test = set(splits.decisions["test"])
    assert {identifier for members in summaries.gold.values() for identifier in members} <= test
    assert set(cited.clusters.values()) <= test
    assert cited.clusters.keys() == cited.queries.keys()


def test_a_masked_citation_does_not_tell_its_number(read: dict[str, Data]) -> None:
    data = read["cited_articles.v1"]
    assert isinstance(data, RetrievalData)
    for key, query in data.queries.items():
        assert MASK in query
        told = {cited for one in find_citations(query) if one.kind == "article" for cited in one.normalised}
        assert not told & data.gold[key], query


def test_a_heading_is_asked_of_texts_without_headings(read: dict[str, Data]) -> None:
    data = read["article_headings.v1"]
    assert isinstance(data, RetrievalData)
    begins = sum(data.documents[one].startswith(data.queries[key]) for key, gold in data.gold.items() for one in gold)
    assert begins == 0


def test_pairs_are_of_both_classes(read: dict[str, Data]) -> None:
    data = read["snli.v1"]
    assert isinstance(data, PairData)
    assert 0.4 < sum(value for *_, value in data.rows) / len(data.rows) < 0.6


def test_the_seed_decides_the_sample(source: Source) -> None:
    task = TASKS.get("topic_sib200.v1")
    again, other = task.read(source, CAPS, 7), task.read(source, CAPS, 8)
    assert again == task.read(source, CAPS, 7)
    assert again != other


def test_collections_of_one_name_share_their_documents() -> None:
    documents = {str(number): "text" for number in range(1_000)}
    left = pool(documents, {"q": frozenset({"1", "2"})}, 300, seed=7, name="articles")
    right = pool(documents, {"q": frozenset({"999"})}, 300, seed=7, name="articles")
    assert len(left) == len(right) == 300
    assert {"1", "2"} <= left.keys()
    assert len(left.keys() & right.keys()) >= 296


def test_data_hash_follows_the_bytes(tmp_path: Path) -> None:
    task = TASKS.get("stsb.v1")
    (tmp_path / "general").mkdir()
    file = tmp_path / "general" / "sts.jsonl.gz"
    file.write_bytes(b"one")
    before = task.data_hash(Source(tmp_path))
    assert before == task.data_hash(Source(tmp_path))
    file.write_bytes(b"two")
    assert task.data_hash(Source(tmp_path)) != before


def test_missing_files_and_splits_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--data needs a folder that holds general/sts\.jsonl\.gz"):
        TASKS.get("stsb.v1").read(Source(tmp_path), CAPS, 7)
    with pytest.raises(InputError, match="give it with --splits"):
        Source(tmp_path).scored()


def test_suites_cover_the_slots_of_table_11() -> None:
    kinds = [task.kind for task in HUB["mteb-turkish"] if not task.name.startswith("SciFact")]
    counts = {kind: kinds.count(kind) for kind in kinds}
    assert counts == {
        "classification": 6, "retrieval": 4, "pair classification": 2, "clustering": 1, "sts": 1, "legal retrieval": 3,
    }  # fmt: skip
    assert set(LOCAL["mteb-turkish"]) | set(LOCAL["legal"]) <= set(TASKS.names())
    assert [task.name for task in suite("legal", hub=False, only=["exam_questions", "citizen_questions.v1"])] == [
        "exam_questions.v1", "citizen_questions.v1",
    ]  # fmt: skip
    assert [task.name for task in suite("mteb-turkish", hub=False, only=["news_2017"])] == ["news_2017.v1"]
    with pytest.raises(ConfigError, match=r"'movie\.v1' is not of the suite legal: `mecelle evaluate mteb-turkish"):
        suite("legal", hub=False, only=["movie"])
    with pytest.raises(ConfigError, match=r"did you mean 'citizen_questions\.v1'"):
        suite("legal", hub=False, only=["citizen_question"])
