import csv
from pathlib import Path
from typing import Any

import orjson
import pytest

from mecelle.base import artifacts
from mecelle.base.artifacts import read_record
from mecelle.base.document import Document
from mecelle.corpus.sweeps.noise import NOISES
from mecelle.corpus.sweeps.quality import QualitySweepConfig, Thresholds, quality_sweep
from mecelle.corpus.sweeps.quality_draw import bad_texts, draw
from mecelle.corpus.sweeps.quality_table import published

LISTED = "\n".join(f"satır numarası {number}" for number in range(30))


@pytest.fixture
def collection(make: Any, tmp_path: Path) -> list[Document]:
    """Twelve decisions, eight of them lists of short lines, and twelve web pages of prose."""
    texts = [LISTED + f" {seed}" if seed < 8 else make.prose(seed).replace(". ", ".\n") for seed in range(12)]
    found = [make.document(text, f"d{seed}") for seed, text in enumerate(texts)]
    found += [make.document(make.prose(seed), f"w{seed}", kind="web") for seed in range(50, 62)]
    make.collection(tmp_path / "documents", found)
    return found


def test_a_draw_is_balanced_and_does_not_depend_on_order(collection: list[Document]) -> None:
    drawn, seen = draw(collection, most=10, folds=5, seed=42)
    assert seen == 24
    assert [one.category for one in drawn].count("HUKUK DIŞI web") == 10
    assert len(drawn) == 20
    assert {fold: [one.fold for one in drawn].count(fold) for fold in range(5)} == dict.fromkeys(range(5), 4)
    again, _ = draw(reversed(collection), most=10, folds=5, seed=42)
    assert [one.document.id for one in again] == [one.document.id for one in drawn]
    other, _ = draw(collection, most=10, folds=5, seed=43)
    assert [one.document.id for one in other] != [one.document.id for one in drawn]


def test_the_sweep_counts_drops_false_positives_and_bad_texts(collection: list[Document], tmp_path: Path) -> None:
    config = QualitySweepConfig(
        rows=(
            Thresholds(short_line=0.67, char_duplicates=0.03, new_line=0.4),
            Thresholds(short_line=1.0, char_duplicates=1.0, new_line=9.0),
        ),
        junk=5,
    )
    text = quality_sweep(tmp_path / "documents", tmp_path / "sweep", config, seed=42)
    assert (tmp_path / "sweep" / "summary.md").read_text(encoding="utf-8") == text
    rows = list(csv.DictReader((tmp_path / "sweep" / "table.csv").read_text(encoding="utf-8").splitlines()))
    assert (rows[0]["good_dropped"], rows[0]["good_documents"]) == ("8", "12")
    assert float(rows[0]["overall_mean"]) == pytest.approx(8 / 24, abs=0.02)
    assert int(rows[0]["bad_dropped"]) > int(rows[1]["bad_dropped"])
    assert "good: official texts | 66.7% (8/12)" in text
    record = read_record(tmp_path / "sweep")
    assert record is not None
    assert record.accounts is not None
    assert (record.accounts.seen, record.accounts.kept) == (24, 24)


def test_the_same_sweep_has_the_same_bytes(collection: list[Document], tmp_path: Path) -> None:
    hashes = set()
    for name in ("one", "two"):
        quality_sweep(tmp_path / "documents", tmp_path / name, QualitySweepConfig(junk=5), seed=42)
        hashes.add(artifacts.read_marker(tmp_path / name, stage="quality_sweep").hash)
    assert len(hashes) == 1


def test_the_papers_table_stands_beside_ours(collection: list[Document], tmp_path: Path) -> None:
    text = quality_sweep(tmp_path / "documents", tmp_path / "sweep", QualitySweepConfig(junk=5), seed=42)
    lines = [line for line in text.splitlines() if line.startswith("| 0.")]
    assert lines[0].endswith("| 0.18% | 0.80% |")
    assert lines[5].startswith("| 0.67 | 0.03 | 0.40 |")
    assert lines[5].endswith("| - | - |"), "what the text chose is no row of the table"
    assert len(published()) == 5
    drawn = [orjson.loads(line) for line in (tmp_path / "sweep" / "drawn.jsonl").read_bytes().splitlines()]
    assert {row["fold"] for row in drawn} == set(range(5))


def test_noise_spoils_and_is_seeded(collection: list[Document]) -> None:
    once, again = (bad_texts(collection, junk=4, seed=1) for _ in range(2))
    assert once == again
    assert {f"noise: {name}" for name in NOISES} <= set(once)
    assert all(text not in [one.text for one in collection] for texts in once.values() for text in texts)
