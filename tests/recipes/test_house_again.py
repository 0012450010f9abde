"""A second run: what has not changed is not done again, and what follows from a change is."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from mecelle.base import artifacts

TRAINED = {"tokenizer", "encoder", "pairs", "guide", "embedding"}
SENTENCE = "Zeytinlik taşınmazın kamulaştırılmasında ağaçların verimi bilirkişi tarafından hesaplanır. "


def write_new_files(documents: Path) -> None:
    for number in (1, 2):
        row = {
            "id": f"yeni-{number}", "kind": "decision", "court": "Yargıtay", "chamber": "5. Hukuk Dairesi",
            "case_number": f"2031/{number}", "decision_number": f"2031/{number}0", "date": "2031-05-04",
            "text": SENTENCE + f"Davacı idare {number} sayılı parselin bedelinin tespitini istemiştir. " * 3,
        }  # fmt: skip
        line = json.dumps(row, ensure_ascii=False) + "\n"
        (documents / f"yeni-{number}.jsonl").write_text(line, encoding="utf-8")


def test_nothing_changed_nothing_done(workspace: Any) -> None:
    assert workspace.run() == set()


def test_new_files_are_read_alone_and_found_without_training(copy: Any) -> None:
    trained = {stage: copy.hash(stage) for stage in sorted(TRAINED)}
    write_new_files(copy.documents)
    redone = copy.run()
    assert redone == {"extract", "corpus", "select", "index", "report"}
    assert {stage: copy.hash(stage) for stage in sorted(TRAINED)} == trained
    figures = artifacts.read_record(copy.artifacts / "documents").figures
    assert (figures["files_read"], figures["files"]) == (2, figures["files_cached"] + 2)
    assert artifacts.read_record(copy.artifacts / "training").accounts.dropped["not_in_snapshot"] == 2
    assert "2031/1" in copy.rows("search", "2031/1")[0]["citation"]
    found = {hit["case_number"] for hit in copy.rows("search", "zeytinlik kamulaştırma ağaç verimi", "-k", "2")}
    assert found == {"2031/1", "2031/2"}


def test_a_changed_parameter_redoes_what_follows_and_nothing_before(copy: Any) -> None:
    before = copy.hash("embedding")
    copy.change("embedding", learning_rate=5e-4)
    redone = copy.run()
    assert redone >= {"embedding", "evaluation", "report"}
    # The index is updated, since the model is new; nothing before the changed stage is.
    assert redone <= {"embedding", "evaluation", "index", "report"}
    assert copy.hash("embedding") != before


@pytest.mark.slow
def test_retrain_trains_on_what_is_new(copy: Any) -> None:
    write_new_files(copy.documents)
    redone = copy.run("--retrain")
    assert redone >= TRAINED - {"guide"} | {"extract", "corpus", "select", "index", "report"}
    assert "not_in_snapshot" not in artifacts.read_record(copy.artifacts / "training").accounts.dropped
    (fate,) = copy.rows("lineage", "2031/1")
    assert fate["training"] == "trained on"


def bare_copy(workspace: Any, folder: Path) -> Any:
    """Only the files that a user edits: enough for what is refused before anything runs."""
    made = type(workspace)(folder)
    made.folder.mkdir(parents=True)
    for name in ("params.yaml", "dvc.yaml", "takedowns.jsonl"):
        shutil.copy(workspace.folder / name, made.folder / name)
    return made


def test_an_unknown_key_is_named_with_its_file_and_the_nearest(workspace: Any, tmp_path: Path) -> None:
    bare = bare_copy(workspace, tmp_path)
    bare.change("encoder", masking_rte=0.2)
    told = bare.mecelle("run", code=2).stderr
    assert "params.yaml: encoder.masking_rte: unknown key; did you mean 'masking_rate'?" in told


def test_a_value_out_of_range_is_named(workspace: Any, tmp_path: Path) -> None:
    bare = bare_copy(workspace, tmp_path)
    bare.change("embedding", batch=1)
    told = bare.mecelle("check", code=2).stderr
    assert "params.yaml: embedding.batch: found 1" in told


def test_a_missing_input_is_named_with_the_stage_that_reads_it(workspace: Any, tmp_path: Path) -> None:
    bare = bare_copy(workspace, tmp_path)
    graph = bare.folder / "dvc.yaml"
    gone = str(tmp_path / "gone")
    graph.write_text(graph.read_text(encoding="utf-8").replace(str(workspace.documents), gone), encoding="utf-8")
    assert gone in yaml.safe_load(graph.read_text(encoding="utf-8"))["stages"]["extract"]["deps"]
    told = bare.mecelle("run", code=2).stderr
    assert f"not here, or empty: {gone} (stage 'extract')" in told


def test_an_unknown_stage_is_named_with_the_nearest(workspace: Any, tmp_path: Path) -> None:
    told = bare_copy(workspace, tmp_path).mecelle("run", "encodr", code=2).stderr
    assert "did you mean 'encoder'?" in told
