"""The first run of the recipe `house`: what it left, and what can be asked of it."""

import re
from typing import Any

import orjson
import pytest

from mecelle.base import artifacts
from mecelle.base.collection import read_documents, read_jsonl

ARTIFACTS = (
    "documents", "corpus", "training", "tokenizer", "encoder", "pairs", "guide", "embedding", "evaluation",
)  # fmt: skip
COUNTED = ("documents", "corpus", "training", "encoder", "pairs", "embedding", "evaluation")


@pytest.mark.parametrize("name", ARTIFACTS)
def test_every_artifact_is_whole(workspace: Any, name: str) -> None:
    assert artifacts.verify(workspace.artifacts / name).files


@pytest.mark.parametrize("name", COUNTED)
def test_nothing_is_lost_between_in_and_out(workspace: Any, name: str) -> None:
    record = artifacts.read_record(workspace.artifacts / name)
    assert record.accounts.seen > 0
    record.accounts.check()


def test_what_one_stage_keeps_the_next_one_sees(workspace: Any) -> None:
    chain = [artifacts.read_record(workspace.artifacts / name).accounts for name in ("documents", "corpus", "training")]
    assert [after.seen for after in chain[1:]] == [before.kept for before in chain[:-1]]
    planted = orjson.loads((workspace.truth / "failed.json").read_bytes())["count"]
    assert sum(chain[0].failed.values()) == planted + 1  # and the scanned page, which has no text layer


def test_the_report_is_one_file_with_what_was_planted(workspace: Any) -> None:
    page = (workspace.folder / "report.html").read_text(encoding="utf-8")
    assert not re.findall(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)\s*=", page)
    assert not re.findall(r"""(?:src\s*=\s*["']|url\(|@import\s+["'])\s*https?:""", page)
    assert 'id="plants"' in page
    assert "pairs of duplicates" in page
    assert "ndcg@10" in page
    assert page.count("<svg") >= 4


def test_search_answers_with_citation_and_passage(workspace: Any) -> None:
    hits = workspace.rows("search", "kira sözleşmesi tahliye", "-k", "3")
    assert len(hits) == 3
    for hit in hits:
        assert hit["citation"]
        assert hit["passage"] in next(
            document.text
            for document in read_documents(workspace.artifacts / "corpus")
            if document.id == hit["document_id"]
        )


def test_search_finds_a_decision_by_its_number(workspace: Any) -> None:
    decision = next(
        document
        for document in read_documents(workspace.artifacts / "corpus")
        if document.metadata["kind"] == "decision" and document.metadata.get("case_number")
    )
    hits = workspace.rows("search", decision.metadata["case_number"])
    assert decision.metadata["case_number"] in hits[0]["citation"]


def test_lineage_leads_from_a_document_to_its_steps_and_back(workspace: Any) -> None:
    document = next(read_documents(workspace.artifacts / "training"))
    (fate,) = workspace.rows("lineage", document.id)
    assert fate["corpus"] == "kept"
    assert fate["training"] == "trained on"
    assert fate["steps"]["encoder"]
    assert fate["passages"] > 0
    step = fate["steps"]["encoder"][-1]
    seen = workspace.rows("lineage", "--model", "artifacts/encoder", "--step", step)
    assert {"document_id": document.id} in seen


def test_lineage_says_why_a_duplicate_was_dropped(workspace: Any) -> None:
    cluster = next(read_jsonl(workspace.artifacts / "corpus" / "clusters.jsonl"))
    members = {member["id"] for member in cluster["members"]}
    dropped = sorted(members - {cluster["representative"]})[0]
    (fate,) = workspace.rows("lineage", dropped)
    assert fate["corpus"] == {"exact": "exact_duplicate", "minhash": "near_duplicate"}[cluster["method"]]
    assert {member["id"] for member in fate["cluster"]} == members
    assert fate["training"] == "dropped before"
    assert fate["steps"] == {}


def test_lineage_of_an_unknown_document_is_an_error(workspace: Any) -> None:
    told = workspace.mecelle("lineage", "1999/1", code=2).stderr
    assert "no document is called '1999/1'" in told


def test_check_estimates_every_stage(workspace: Any, stages: tuple[str, ...]) -> None:
    ((*rows,),) = workspace.rows("check")
    assert [row["stage"] for row in rows] == list(stages)
    assert all(row["assumption"] for row in rows)
    assert next(row["seconds"] for row in rows if row["stage"] == "encoder") > 0


def test_the_log_of_a_model_holds_our_lines_only(workspace: Any) -> None:
    done = workspace.mecelle("search", "tazminat", "--mode", "dense", code=_code_of_dense(workspace))
    assert all(line.startswith("{") or "ConfigError" in line for line in done.stderr.splitlines()), done.stderr


def _code_of_dense(workspace: Any) -> int:
    """Dense search exists only where the evaluation chose vectors."""
    chosen = orjson.loads((workspace.artifacts / "evaluation" / "chosen.json").read_bytes())
    return 2 if chosen["mode"] == "bm25" else 0
