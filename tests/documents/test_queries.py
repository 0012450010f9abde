"""Files of queries: one reader for scoring and for keeping apart."""

from pathlib import Path

import pytest

from mecelle.base.errors import InputError
from mecelle.corpus.decontamination.items import EvaluationSet, read_items
from mecelle.documents.queries import Query, read_queries
from mecelle.embedding.pairs.leakage import evaluation_queries


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8-sig" if name.endswith(".csv") else "utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("q.jsonl", '{"query": "Kira, bedel?", "gold": ["1:m1", "1:m2"]}\n{"question": "Saygı?", "gold": ["1:m3"]}\n'),
        ("q.csv", 'query,gold\n"Kira, bedel?",1:m1; 1:m2\nSaygı?,1:m3\n'),
        ("q.csv", "query;gold\nKira, bedel?;1:m1|1:m2\nSaygı?;1:m3\n"),
        ("q.csv", "query;gold\nKira, bedel?;1:m1 1:m2\nSaygı?;1:m3\n"),
        ("Q.CSV", 'query,gold\n"Kira, bedel?",1:m1; 1:m2\nSaygı?,1:m3\n'),
        ("q.csv", '\n"query";gold\nKira, bedel?;1:m1|1:m2\nSaygı?;1:m3\n;\n ;\n'),
        ("q.csv", 'query,question,gold\n,"Kira, bedel?",1:m1; 1:m2\nSaygı?,,1:m3\n'),
        (
            "q.jsonl",
            '{"id": null, "query": "Kira, bedel?", "gold": ["1:m1", "1:m2"]}\n'
            '{"id": "", "query": "", "question": "Saygı?", "gold": ["1:m3"]}\n',
        ),
    ],
)
def test_all_forms_are_read_alike(tmp_path: Path, name: str, text: str) -> None:
    path = written(tmp_path, name, text)
    assert list(read_queries(path, gold=True)) == [
        Query("q1", "Kira, bedel?", ("1:m1", "1:m2")), Query("q2", "Saygı?", ("1:m3",)),
    ]  # fmt: skip
    scored = [item.text for item in read_items([EvaluationSet(path=path)])]
    assert scored == evaluation_queries([path]) == ["Kira, bedel?", "Saygı?"]


def test_signs_that_end_a_line_elsewhere_end_no_row_of_a_table(tmp_path: Path) -> None:
    path = written(tmp_path, "q.csv", "query,gold\nKira\u2028bedeli?,1:m1\nSaygı\x85?,1:m2\n")
    assert [(query.query, query.gold) for query in read_queries(path, gold=True)] == [
        ("Kira\u2028bedeli?", ("1:m1",)), ("Saygı\x85?", ("1:m2",)),
    ]  # fmt: skip


def test_gold_is_needed_only_where_it_is_scored(tmp_path: Path) -> None:
    path = written(tmp_path, "q.csv", "id,query\na,Kira?\n")
    assert list(read_queries(path)) == [Query("a", "Kira?")]
    with pytest.raises(InputError, match="columns id, query; 'query' and 'gold' are needed"):
        list(read_queries(path, gold=True))


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("q.csv", "soru;madde\nKira?;1\n", "columns soru, madde; 'query' is needed"),
        ("q.csv", "query,gold\nKira, bedel?,1:m1\n", "row 1 does not have the 2 cells of the header"),
        ("q.csv", "id,query\na\n", "row 1 does not have"),
        ("q.csv", "query,gold\n", "no query in it"),
        ("q.csv", "query,gold,gold\nKira?,1:m1,1:m2\n", "q.csv: the header names 'gold' twice"),
        ("q.csv", "", "empty; expected a table whose first line names the columns"),
        ("q.jsonl", "", "no query in it"),
        ("q.jsonl", '{"text": "Kira?", "id": 3}\n', "found the fields text, id"),
        ("q.jsonl", '["Kira?"]\n', "found a list"),
        ("q.jsonl", '{"query": " ", "gold": ["1:m1"]}\n', "q.jsonl:1: expected .* found no text in 'query'"),
        ("q.csv", "query,gold\nKira?,1:m1\n,1:m2\n", "row 2: no text in 'query'; write the query"),
    ],
)
def test_what_was_found_is_told(tmp_path: Path, name: str, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        list(read_queries(written(tmp_path, name, text)))
