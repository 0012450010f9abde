"""The whole stage on the bundled sample, against its planted truth."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from mecelle.base.collection import read_documents, read_jsonl
from mecelle.corpus.build import CorpusConfig, build
from mecelle.corpus.statistics.truth import score_duplicates, score_identifiers
from mecelle.documents.extract import ExtractConfig, extract
from mecelle.sample.generate import generate
from mecelle.sample.records import SampleSize
from mecelle.sample.write import write


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    write(generate(seed=7, size=SampleSize.tiny()), folder, seed=7)
    extract(folder / "documents", folder / "extracted", ExtractConfig(workers=1))
    build(folder / "extracted", folder / "corpus", CorpusConfig(), seed=7)
    return folder


def truth(built: Path, name: str) -> Any:
    return orjson.loads((built / "truth" / name).read_bytes())


def kept(built: Path) -> set[str]:
    return {one.metadata["source_id"] for one in read_documents(built / "corpus")}


def test_planted_duplicates_are_found_and_twins_stay(built: Path) -> None:
    damaged = [(row["id"], row["id"].removesuffix("-ocr")) for row in read_jsonl(built / "truth" / "ocr.jsonl")]
    score = score_duplicates(
        read_jsonl(built / "corpus" / "clusters.jsonl"), truth(built, "duplicates.json"), tolerated=damaged
    )
    assert score.exact.recall == 1.0
    assert score.near.recall >= 0.75
    assert score.wrong == ()
    assert score.merged_distinct == ()


def test_planted_identifiers_are_masked_and_look_alikes_are_not(built: Path) -> None:
    planted = list(read_jsonl(built / "truth" / "identifiers.jsonl"))
    valid = [
        {"source_id": row["id"], "kind": one["kind"]} for row in planted for one in row["identifiers"] if one["valid"]
    ]
    copies = {row["id"] for row in read_jsonl(built / "truth" / "ocr.jsonl")}  # their truth is the text, not the plants
    scores = score_identifiers(read_jsonl(built / "corpus" / "identifiers.jsonl"), valid, among=kept(built) - copies)
    assert scores["all"]["planted"] > 20
    assert scores["all"]["recall"] >= 0.98
    assert scores["all"]["precision"] >= 0.98
    values = {one["text"] for row in planted for one in row["identifiers"] if one["valid"]}
    assert not any(value in one.text for one in read_documents(built / "corpus") for value in values)


def test_junk_and_foreign_documents_leave_and_nothing_else(built: Path) -> None:
    listed = truth(built, "junk.json")
    bad = listed["junk"].keys() | listed["foreign"].keys()
    by_filters = {
        row["source_id"]
        for row in read_jsonl(built / "corpus" / "dropped.jsonl.zst")
        if not row["reason"].endswith("_duplicate")
    }
    assert by_filters == bad
