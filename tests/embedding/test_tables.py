"""Pairs as people keep them: formats, names of columns, and errors that name the row."""

from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from typer.testing import CliRunner

from mecelle.base.errors import InputError
from mecelle.cli.main import app
from mecelle.embedding.pairs.record import read_pairs
from mecelle.embedding.pairs.tables import Columns, read_rows


def file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


TABLES = {
    "a.csv": 'Soru,yanıt,negative_1,negative_2\n"Kira, ne zaman?",Her ay.,Yılda bir.,\n',
    "b.tsv": "question\tanswer\tnegative\nKira, ne zaman?\tHer ay.\tYılda bir.\n",
    "c.csv": "anchor;positive;negative\nKira, ne zaman?;Her ay.;Yılda bir.\n",
    "d.jsonl": '{"query": "Kira, ne zaman?", "document": "Her ay.", "negatives": ["Yılda bir."]}\n',
}


@pytest.mark.parametrize("name", TABLES)
def test_formats_and_names_of_columns(name: str, tmp_path: Path) -> None:
    [pair] = read_pairs(file(tmp_path, name, TABLES[name]))
    assert (pair.query, pair.document, pair.negatives) == ("Kira, ne zaman?", "Her ay.", ("Yılda bir.",))
    assert (pair.grade, pair.query_id, pair.kind) == (None, f"{name}#1", "given")


def test_negatives_that_only_a_later_row_has_are_read(tmp_path: Path) -> None:
    rows = ['{"query": "a", "document": "b"}', '{"query": "c", "document": "d", "negatives": ["e", "f"]}']
    pairs = read_pairs(file(tmp_path, "a.jsonl", "\n".join(rows)))
    assert [pair.negatives for pair in pairs] == [(), ("e", "f")]


def test_parquet_and_stated_columns(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    rows = {"a": ["s1", "s2"], "b": ["t1", "t2"], "puan": [1.5, 4.0], "split": ["train", "test"]}
    pyarrow.parquet.write_table(pyarrow.table(rows), path)
    columns = Columns(query="a", document="b", grade="puan", keep={"split": "test"})
    [row] = read_rows(path, columns)
    assert (row.number, row.query, row.document, row.grade) == (2, "s2", "t2", 4.0)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "query,document\nbir,iki\nüç,\n", r"a\.csv: row 2: column 'document' is empty"),
        ("a.csv", "query,document\nbir,iki,üç\n", r"row 1 \(line 2\): not the 2 cells of the header"),
        ("a.csv", "query,document\nbir\n", "not the 2 cells"),
        ("a.csv", "sual,document\nbir,iki\n", r"no column for the query .*columns: sual, document"),
        ("a.csv", "query,document,score\nbir,iki,çok\n", "row 1: column 'score' holds 'çok'; a number is needed"),
        ("a.csv", "query,document,score\nbir,iki,nan\n", "row 1: column 'score' holds 'nan'; a number is needed"),
        ("a.csv", "query,document\n", "no row in it"),
        ("a.tsv", "query\tdocument\tnegative\tnegative\na\tb\tc\td\n", r"a\.tsv: the header names 'negative' twice"),
        ("a.jsonl", '{"query": "a", "document": "b"}\n["x"]\n', "row 2: a list; expected named columns"),
        ("a.jsonl", '{"query": 3, "document": "b"}\n', "row 1: column 'query' is a int"),
        ("a.xlsx", "x", r"a table of pairs is needed: \.jsonl"),
    ],
)
def test_faults_name_the_row(name: str, text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        list(read_pairs(file(tmp_path, name, text)))


def test_of_parquet_columns_with_one_name_none_is_lost_in_silence(tmp_path: Path) -> None:
    table = pyarrow.table([["bir"], ["iki"], ["üç"]], names=["query", "document", "document"])
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(InputError, match=r"a\.parquet: the header names 'document' twice"):
        list(read_pairs(tmp_path / "a.parquet"))


def test_what_is_advised_for_unknown_columns_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file(tmp_path, "a.csv", "sual,metin\n" + "".join(f"{n}. soru,{n}. belge\n" for n in range(9)))
    with pytest.raises(InputError) as told:
        list(read_pairs(Path("a.csv")))
    advice = str(told.value).partition("mecelle ")[2].partition("; PAIRS")[0]
    result = CliRunner().invoke(app, advice.replace("NAME", "sual", 1).replace("NAME", "metin").split())
    assert result.exit_code == 0, result.output
    assert {pair.query for pair in read_pairs(Path("PAIRS"))} <= {f"{n}. soru" for n in range(9)}


def test_unknown_column_offers_the_nearest(tmp_path: Path) -> None:
    path = file(tmp_path, "a.csv", "sorgular,belge\nbir,iki\n")
    with pytest.raises(InputError, match="no column 'sorgu'; did you mean 'sorgular'"):
        list(read_rows(path, Columns(query="sorgu")))
    with pytest.raises(InputError, match="no such file"):
        list(read_rows(tmp_path / "yok.csv"))
