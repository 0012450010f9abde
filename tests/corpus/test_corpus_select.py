from pathlib import Path
from typing import Any

import orjson
import pytest

from mecelle.base.artifacts import read_marker, read_record
from mecelle.base.collection import JsonlWriter, read_documents, read_jsonl
from mecelle.base.document import Document
from mecelle.base.errors import ArtifactError, InputError
from mecelle.corpus.build import CorpusConfig, build
from mecelle.corpus.decontamination.splits import held_out_copies, held_out_source_ids
from mecelle.corpus.select import SelectConfig, select

QUESTION = "Kiracım altı aydır kirayı ödemiyor, evi boşaltması için ona ihtar çekmem ve sonra dava açmam gerekir mi?"


@pytest.fixture
def corpus(tmp_path: Path, documents: list[Document], make: Any) -> Path:
    asked = make.document(make.decision(30) + "\n\n" + QUESTION.replace(",", ""), "asked")
    build(make.collection(tmp_path / "in", [*documents, asked]), tmp_path / "corpus", CorpusConfig(), seed=7)
    return tmp_path / "corpus"


def source_ids(folder: Path) -> set[str]:
    return {one.metadata["source_id"] for one in read_documents(folder)}


def evaluation_file(path: Path, rows: list[dict[str, Any]]) -> Path:
    with JsonlWriter(path) as writer:
        for row in rows:
            writer.write(row)
    return path


def splits_file(path: Path, **decisions: list[str]) -> Path:
    path.write_bytes(orjson.dumps({"decisions": decisions, "questions": {}}))
    return path


def reasons(training: Path) -> dict[str, str]:
    return {row["id"]: row["reason"] for row in read_jsonl(training / "excluded.jsonl.zst")}


def test_what_is_scored_leaves(tmp_path: Path, corpus: Path) -> None:
    questions = evaluation_file(tmp_path / "questions.jsonl", [{"id": "q1", "query": QUESTION}])
    splits = splits_file(tmp_path / "splits.json", development=["d4"], test=["d5", "near"], train=["d6"])
    select(
        corpus, tmp_path / "training", SelectConfig(), evaluation=[questions], splits=splits, snapshot=tmp_path / "s"
    )

    by_source = {one.metadata["source_id"]: one.id for one in read_documents(corpus)}
    # d1 stands for "near", which deduplication had dropped: what it says would leak the held-out decision.
    assert reasons(tmp_path / "training") == {
        by_source["d4"]: "held_out",
        by_source["d5"]: "held_out",
        by_source["d1"]: "held_out_copy",
        by_source["asked"]: "shared_ngram",
    }
    assert source_ids(corpus) - source_ids(tmp_path / "training") == {"d1", "d4", "d5", "asked"}


def test_added_documents_change_nothing_until_asked(
    tmp_path: Path, corpus: Path, documents: list[Document], make: Any
) -> None:
    snapshot = tmp_path / "snapshot"
    select(corpus, tmp_path / "training", SelectConfig(), snapshot=snapshot)
    before = read_marker(tmp_path / "training")

    grown = [make.document(make.decision(1).replace("davacı", "davaci", 1), "copy-before"), *documents]
    grown += [
        make.document(make.decision(30) + "\n\n" + QUESTION.replace(",", ""), "asked"),
        make.document(make.decision(99), "new"),
    ]
    build(make.collection(tmp_path / "in2", grown), tmp_path / "corpus", CorpusConfig(), seed=7, snapshot=snapshot)
    select(corpus, tmp_path / "training", SelectConfig(), snapshot=snapshot)
    assert read_marker(tmp_path / "training") == before
    record = read_record(tmp_path / "training")
    assert record is not None
    assert record.accounts is not None
    assert record.accounts.dropped == {"not_in_snapshot": 1}

    (snapshot / "ids.txt").unlink()
    snapshot.rmdir()
    select(corpus, tmp_path / "training", SelectConfig(), snapshot=snapshot)
    assert "new" in source_ids(tmp_path / "training")


def test_a_half_snapshot_is_refused(tmp_path: Path, corpus: Path) -> None:
    (tmp_path / "snapshot").mkdir()
    with pytest.raises(ArtifactError, match="take a new snapshot"):
        select(corpus, tmp_path / "training", SelectConfig(), snapshot=tmp_path / "snapshot")


def test_copies_that_the_splits_name_are_held_out(tmp_path: Path) -> None:
    content = b'{"decisions": {"train": ["a"], "test": ["b"]}, "decision_copies": {"c": "b"}}'
    (tmp_path / "splits.json").write_bytes(content)
    assert held_out_source_ids(tmp_path / "splits.json") == {"b", "c"}


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"questions": {}}', b'{"decisions": ["a"]}'])
def test_bad_splits(tmp_path: Path, corpus: Path, content: bytes) -> None:
    (tmp_path / "splits.json").write_bytes(content)
    with pytest.raises(InputError, match="expected"):
        select(corpus, tmp_path / "t", SelectConfig(), splits=tmp_path / "splits.json", snapshot=tmp_path / "s")
    assert not (tmp_path / "s").exists()


def test_a_row_without_question_is_named(tmp_path: Path, corpus: Path) -> None:
    bad = evaluation_file(tmp_path / "bad.jsonl", [{"query": QUESTION}, {"topic": "?"}])
    with pytest.raises(InputError, match=r"bad\.jsonl:2: .* found the fields topic"):
        select(corpus, tmp_path / "t", SelectConfig(), evaluation=[bad], snapshot=tmp_path / "s")


def test_held_out_copies_pass_through_clusters(tmp_path: Path) -> None:
    def members(*names: str) -> list[dict[str, str]]:
        return [{"id": f"id-{name}", "source_id": name} for name in names]

    path = evaluation_file(
        tmp_path / "clusters.jsonl", [{"members": members("a", "b")}, {"members": members("b", "test")}]
    )
    assert set(held_out_copies(path, frozenset({"test"}))) == {"id-a", "id-b", "id-test"}
    assert held_out_copies(path, frozenset({"other"})) == {}
