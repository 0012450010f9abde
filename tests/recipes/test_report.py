"""What the report shows of stages that few recipes have."""

from pathlib import Path

import orjson
import pytest

from mecelle.base import artifacts
from mecelle.base.artifacts import RunRecord, record_path
from mecelle.base.errors import ArtifactError
from mecelle.encoder.config import EncoderConfig
from mecelle.evaluation import record
from mecelle.evaluation.record import TaskRecord
from mecelle.recipes.report import write_report


def keep(place: Path, name: str, started: str, **facts: object) -> None:
    place.mkdir(parents=True, exist_ok=True)
    made = RunRecord.model_validate({"stage": name, "version": 1, "started": started, **facts})
    record_path(place / name).write_text(made.model_dump_json(), encoding="utf-8")


def scored(model: str, values: tuple[float, ...], *, score: float) -> TaskRecord:
    return TaskRecord(
        model=model, fingerprint=model, task="cloze.v1", kind="cloze", split="open", main_score="top1",
        scores={"top1": score}, unit="item", ids=tuple("abcd"), values=values, n=4, seed=7, parameters={}, data="x",
    )  # fmt: skip


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    place = tmp_path / "artifacts"
    rates = EncoderConfig(masking_rate=((0.0, 0.3), (0.5, 0.15)))
    keep(
        place, "encoder", "2026-11-23T02:00:00", parameters=rates.model_dump(mode="json"), figures={"parameters": 5_000}
    )
    keep(place, "general_encoder", "2026-11-23T01:00:00")
    return tmp_path


def page_of(workspace: Path) -> str:
    write_report(workspace, workspace / "report.html")
    return (workspace / "report.html").read_text(encoding="utf-8")


def test_every_artifact_is_listed_in_the_order_of_making(workspace: Path) -> None:
    page = page_of(workspace)
    assert page.index("<td>general_encoder</td>") < page.index("<td>encoder</td>")
    assert "masking 30% from 0% of the run, 15% from 50% of the run: whole_word.v1." in page


def test_records_stand_beside_each_other_and_only_means_have_intervals(workspace: Path) -> None:
    folder = workspace / "artifacts" / "cloze"
    record.write(scored("after", (1.0, 1.0, 0.0, 1.0), score=0.75), folder)
    record.write(scored("before", (1.0, 0.0, 0.0, 0.0), score=0.375), folder)  # weighted: not the mean of its items
    page = page_of(workspace)
    head = page.index('<th class="n">before</th><th class="n">after</th>')
    row = page[head:].split("</tr>")[1]
    assert "top1, 4 items" in row
    assert ">0.375</td>" in row
    assert "0.750 <small>[" in row


def test_the_chosen_checkpoint_and_what_was_forgotten_are_shown(workspace: Path) -> None:
    place = workspace / "artifacts"
    score = {"n": 2, "mean": 0.25, "low": 0.1, "high": 0.4}
    candidate = {
        "name": "encoder@9",
        "tokens": 9_000,
        "masked": {"bits_per_byte": 1.5, "accuracy": score},
        "retrieval": {"zero-shot": {"ndcg@10": score}},
    }
    choice = {
        "candidates": [candidate], "decision": {"chosen": "encoder@9"}, "verdict": "The lowest loss was the best.",
        "deciding": "zero-shot", "headline": "ndcg@10", "queries": {"development": 74}, "documents": 6_480,
    }  # fmt: skip
    row = {"set": "sts", "measure": "spearman", "model": "nli", **score, "change": {"difference": -0.1} | score}
    for name, found in (("choice", choice), ("forgetting", [row])):
        (place / name).mkdir()
        (place / name / f"{name}.json").write_bytes(orjson.dumps(found))
    assert "6,480 documents, asked of zero-shot." in page_of(workspace)  # made before `way` was written
    choice["way"] = "each candidate after one and the same short training on pairs"
    (place / "choice" / "choice.json").write_bytes(orjson.dumps(choice))
    page = page_of(workspace)
    assert "6,480 documents, asked of each candidate after one and the same short training on pairs." in page
    assert "Which checkpoint: encoder@9" in page
    assert "The lowest loss was the best." in page
    assert "-0.100 <small>[+0.100, +0.400]" in page


def test_the_reward_model_s_pairs_are_shown_all_before_each_damage(workspace: Path) -> None:
    place = workspace / "artifacts" / "reward_accuracy"
    value = {"n": 9, "accuracy": 0.875, "low": 0.75, "high": 1.0}
    groups = ("damage padded.v1", "objective legal_accuracy", "all", "two damages")
    rows = [{"group": group, "by": by} | value for group in groups for by in ("score", "own_reward", "length")]
    with artifacts.create(place, stage="reward-accuracy", version=1, parameters={}, inputs={}, seed=7) as run:
        run.figures["accuracy"] = rows
    page = page_of(workspace)
    shown = [name for name in page.split("<td>") if "0.875 <small>[0.750, 1.000]" in name]
    assert [one.partition("<")[0] for one in shown] == ["all", "legal accuracy", "two damages", "padded"]


def test_a_workspace_where_nothing_ran_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="no stage has run"):
        write_report(tmp_path, tmp_path / "report.html")
