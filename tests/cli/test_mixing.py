"""`corpus mix` and `corpus stats` as a user types them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from mecelle.base import artifacts
from mecelle.base.collection import write_documents
from mecelle.base.document import Document


def documents() -> list[Document]:
    return [
        Document(text=f"Karar {place}", id=f"d{place}", metadata={"kind": "decision", "court": "Yargıtay"})
        for place in range(100)
    ]


def test_mix_then_stats(mecelle: Callable[..., Result], tmp_path: Path) -> None:
    write_documents(documents(), tmp_path / "in")
    ended = mecelle("corpus", "mix", tmp_path / "in", "--out", tmp_path / "mix", "--set", "size.by=documents")
    told = json.loads(ended.stdout.splitlines()[-1])
    assert told["accounts"]["dropped"] == {"not_sampled": 76}  # 14.48 GB to 3.51
    assert "The mix: İÇTİHAT Yargıtay 100.0% (before: 100.0%)." in ended.stderr
    assert "--set use=shares" in ended.stderr
    ended = mecelle("corpus", "stats", tmp_path / "mix", "--paper", "hukukbert", "--card", tmp_path / "README.md")
    tables = json.loads(ended.stdout.splitlines()[-1])[str(tmp_path / "mix")]
    assert tables[0]["rows"][0][:2] == ["İÇTİHAT Yargıtay", 24]
    assert len(tables) == 4
    assert (tmp_path / "README.md").read_text(encoding="utf-8").startswith("---\n")
    ended = mecelle("corpus", "stats", tmp_path / "mix", "--markdown")
    assert "| İÇTİHAT Yargıtay | 24 |" in ended.stdout


def test_an_unknown_curriculum_is_told(mecelle: Callable[..., Result], tmp_path: Path) -> None:
    write_documents(documents(), tmp_path / "in")
    ended = mecelle("corpus", "mix", tmp_path / "in", "--out", tmp_path / "mix", "--curriculum", "mecellem", code=2)
    assert "mecellem_theses_first" in ended.output


def test_phases_are_mixed_by_the_names_that_decoders_are_trained_by(
    mecelle: Callable[..., Result], tmp_path: Path
) -> None:
    write_documents(documents(), tmp_path / "in")
    ended = mecelle(
        "corpus", "mix", tmp_path / "in", "--out", tmp_path / "mix", "--curriculum", "laptop",
        "--set", "size.by=documents", "--set", "total=40",
    )  # fmt: skip
    assert json.loads(ended.stdout.splitlines()[-1])["accounts"]["kept"] > 0
    record = artifacts.read_record(tmp_path / "mix")
    assert record
    assert [phase["phase"] for phase in record.figures["phases"]] == [f"phase {number}" for number in (1, 2, 3, 4)]


PHASES = """
size: {by: documents}
phases: [{name: law, budget: 50, sources: {İÇTİHAT: 1.0}}]
"""


@pytest.mark.parametrize(
    ("section", "settings", "drawn"),
    [("total: 20", [], 20), ("total: 20", ["--set", "total=10"], 10), ("size: {by: documents}", [], 50), ("", [], 50)],
)
def test_the_section_goes_over_the_curriculum_and_settings_over_both(
    mecelle: Callable[..., Result], tmp_path: Path, section: str, settings: list[str], drawn: int
) -> None:
    write_documents(documents(), tmp_path / "in")
    (tmp_path / "mine.yaml").write_text(PHASES, encoding="utf-8")
    (tmp_path / "params.yaml").write_text(f"seed: 3\nmix:\n  {section}\n", encoding="utf-8")
    ended = mecelle(
        "corpus", "mix", tmp_path / "in", "--out", tmp_path / "mix", "--curriculum", tmp_path / "mine.yaml",
        "--params", tmp_path / "params.yaml", *settings,
    )  # fmt: skip
    assert json.loads(ended.stdout.splitlines()[-1])["accounts"]["kept"] == drawn


def test_targets_are_no_part_of_a_curriculum(mecelle: Callable[..., Result], tmp_path: Path) -> None:
    write_documents(documents(), tmp_path / "in")
    (tmp_path / "mine.yaml").write_text(PHASES, encoding="utf-8")
    (tmp_path / "params.yaml").write_text("mix: {targets: {MEVZUAT: 5}}\n", encoding="utf-8")
    ended = mecelle(
        "corpus", "mix", tmp_path / "in", "--out", tmp_path / "mix", "--curriculum", tmp_path / "mine.yaml",
        "--params", tmp_path / "params.yaml", code=2,
    )  # fmt: skip
    assert "params.yaml: mix: targets: unknown key" in ended.output
