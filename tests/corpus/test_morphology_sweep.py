import csv
from pathlib import Path

import numpy as np
import orjson
import pyarrow.parquet as pq
import pytest

from mecelle.base.artifacts import read_marker, read_record
from mecelle.base.collection import write_documents
from mecelle.base.document import Document
from mecelle.base.errors import InputError
from mecelle.corpus.filters.turkish_quality import TurkishQuality
from mecelle.corpus.sweeps.cells import Cell, Measures, cell, grid
from mecelle.corpus.sweeps.morphology import STAGE, MorphologySweepConfig, morphology_sweep
from mecelle.corpus.sweeps.morphology_summary import published

MEASURES = Measures(
    tokens=np.array([10.0, 20.0, 30.0, 40.0]),
    suffix_entropy=np.array([0.9, 0.75, 0.7, 0.2]),
    lemma_diversity=np.array([0.5, 0.8, 0.6, 0.9]),
)


def test_a_cell_counts_what_survives() -> None:
    found = cell(MEASURES, entropy=0.75, diversity=0.5)
    assert (found.documents, found.tokens, found.reduction, found.token_reduction) == (2, 30, 0.5, 0.7)
    assert (found.mean, found.std, found.least, found.median, found.most) == (15.0, 5.0, 10.0, 15.0, 20.0)
    assert (found.quartile_1, found.quartile_3) == (12.5, 17.5)


def test_an_empty_cell_has_no_lengths() -> None:
    assert cell(MEASURES, entropy=0.95, diversity=0.5) == Cell(0.95, 0.5, 0, 0, 1.0, 1.0)


def test_the_grid_goes_row_by_row() -> None:
    found = grid(MEASURES, entropies=(0.5, 0.9), diversities=(0.5, 0.7))
    assert [(one.suffix_entropy, one.lemma_diversity, one.documents) for one in found] == [
        (0.5, 0.5, 3), (0.5, 0.7, 1), (0.9, 0.5, 1), (0.9, 0.7, 0),
    ]  # fmt: skip


def test_the_papers_table_is_whole() -> None:
    table = published()
    assert len(table) == 36
    assert table[0.75, 0.5] == {"reduction": 0.69, "tokens": 3_476_853_258, "mean_tokens": 506, "std_tokens": 675}


# One panel instead of nine: drawing is what takes the time.
CONFIG = MorphologySweepConfig(coarse=(0.50,))


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    texts = {
        "rich": "Davacının vekili, evinden çıkarılmasına karşı mahkemeye başvurarak komşunun sözleriyle uğradığı "
        "zararı bildirmiş; raporda yapının temelinde çatlağa rastlanmadığı açıklanmıştır.",
        "poor": "Sepet adres telefon iade sepet adres telefon iade",
        "broken": "hata",
    }
    rows = [Document(text=text, id=name, metadata={"kind": "web"}) for name, text in texts.items()]
    write_documents(rows, tmp_path / "documents")
    return tmp_path / "documents"


def test_the_sweep_of_a_collection(collection: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = TurkishQuality.measure

    def fails(self: TurkishQuality, text: str) -> object:
        if text == "hata":
            raise RuntimeError("planted")
        return whole(self, text)

    monkeypatch.setattr(TurkishQuality, "measure", fails)
    monkeypatch.setattr("mecelle.corpus.sweeps.morphology.ROWS_A_GROUP", 1)
    out = tmp_path / "out"
    summary = morphology_sweep(collection, out, CONFIG)
    record = read_record(out)
    assert record is not None
    assert record.accounts is not None
    assert (record.accounts.kept, record.accounts.failed) == (2, {"morphology_error": 1})
    assert b"planted" in (out / "failed.jsonl").read_bytes()
    rows = pq.read_table(out / "measures.parquet").to_pylist()
    assert [(row["id"], row["kind"], row["tokens"]) for row in rows] == [("rich", "web", 18), ("poor", "web", 8)]
    table = orjson.loads((out / "table.json").read_bytes())
    with (out / "table.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == len(table) == 36
    first = next(row for row in table if (row["suffix_entropy"], row["lemma_diversity"]) == (0.75, 0.5))
    assert (first["documents"], first["tokens"]) == (1, 18)
    assert (out / "summary.md").read_text(encoding="utf-8") == summary
    assert "69.0%" in summary  # the paper's
    assert "| web | 2 |" in summary
    for name in ("figure-2.svg", "figure-3.svg"):
        assert (out / name).read_text(encoding="utf-8").startswith("<svg")


def test_the_same_input_gives_the_same_bytes(collection: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        morphology_sweep(collection, tmp_path / name, CONFIG)
    assert read_marker(tmp_path / "a").hash == read_marker(tmp_path / "b").hash


def test_a_tokenizer_that_is_not_there(collection: Path, tmp_path: Path) -> None:
    empty = tmp_path / "tokenizer"
    empty.mkdir()
    with pytest.raises(InputError, match=r"tokenizer\.json"):
        morphology_sweep(collection, tmp_path / "out", MorphologySweepConfig(tokenizer=str(empty)))


def test_an_empty_collection_has_empty_tables(tmp_path: Path) -> None:
    write_documents([], tmp_path / "documents")
    summary = morphology_sweep(tmp_path / "documents", tmp_path / "out", CONFIG)
    assert read_marker(tmp_path / "out").stage == STAGE
    assert "| 0.75 | 0.50 | 0 |" in summary
