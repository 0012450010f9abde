"""The sectioner that Mecelle brings: whole, small, and it reads."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mecelle.base import artifacts
from mecelle.base.document import make_document
from mecelle.cli.main import app
from mecelle.recipes.sectioning import SectionsOfModel
from mecelle.sample.generate import generate
from mecelle.sample.records import Decision, SampleSize
from mecelle.segmentation.record import Segmented
from mecelle.segmentation.sectioner import WEIGHTS, load_sectioner, sectioner_folder


@pytest.fixture(scope="module")
def decisions() -> Sequence[Decision]:
    """Of a seed that the model did not learn from."""
    sample = generate(seed=3, size=replace(SampleSize.tiny(), num_decisions=30))
    return [one for one in sample.decisions if one.sections]


def test_its_files_are_those_of_its_card() -> None:
    folder = sectioner_folder()
    marker = artifacts.read_marker(folder)
    artifacts.verify(folder)
    assert set(marker.files) == {"README.md", "sectioner.json", WEIGHTS, "lineage/decisions.jsonl"}
    assert marker.files[WEIGHTS].bytes < 12_000_000
    card = (folder / "README.md").read_text(encoding="utf-8")
    for said in ("Apache-2.0", "mecelle segment train", "Lineage: artifact ", "Limits"):
        assert said in card


def test_it_reads_generated_decisions(decisions: Sequence[Decision]) -> None:
    found = load_sectioner().read([Segmented(text=one.text) for one in decisions])
    right = [
        {(s.label, s.start) for s in one.sections if s.label in ("ruling", "footer", "dissent")}
        <= {(s.label, s.start) for s in read.sections}
        for one, read in zip(decisions, found, strict=True)
    ]
    assert sum(right) / len(right) > 0.8


def test_an_index_asks_it_and_knows_its_version(decisions: Sequence[Decision]) -> None:
    reader = SectionsOfModel()
    assert reader.fingerprint == artifacts.read_marker(sectioner_folder()).hash
    document = make_document(decisions[0].text, kind="decision", source="sample")
    (spans,) = reader.read([document])
    assert "ruling" in {one.label for one in spans}


def test_apply_needs_no_model(decisions: Sequence[Decision], tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text(decisions[0].text, encoding="utf-8")
    done = CliRunner().invoke(app, ["segment", "apply", str(tmp_path / "one.txt"), "--out", str(tmp_path / "found")])
    assert done.exit_code == 0, done.output
    assert '"label":"ruling"' in (tmp_path / "found").read_text()
    done = CliRunner().invoke(app, ["segment", "apply", str(sectioner_folder()), str(tmp_path / "one.txt")])
    assert done.exit_code == 2
    assert "--model" in done.output
