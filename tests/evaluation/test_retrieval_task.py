"""Retrieval tasks from the files that people have."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mecelle.base import artifacts
from mecelle.base.collection import write_documents
from mecelle.base.document import make_document
from mecelle.base.errors import InputError, MecelleError
from mecelle.evaluation.tasks.retrieval import read_task, task_of_pairs

Write = Callable[[str, list[Any]], Path]

ARTICLES = [
    {"id": "6098:m315", "heading": "Kiracının temerrüdü", "text": "Kiracı kira bedelini ödemezse süre verilir."},
    {"id": "6098:m316", "text": "Kiracı kiralananı özenle kullanır."},
    {"id": "4721:m1", "text": "Kanun, sözüyle ve özüyle değindiği bütün konularda uygulanır."},
    {"id": "4721:m2", "text": "Mülga hüküm.", "repealed": True},
    {"id": "4721:m3", "text": "Başka bir mülga hüküm.", "repealed": True},
]
QUESTIONS = [
    {"id": "a", "query": "Kira ödenmezse ne olur?", "gold": ["6098:m315"], "subset": "manual_gold"},
    {"id": "b", "query": "Kanun nereye uygulanır?", "gold": ["4721:m2", "1:m1"]},
]

ACT = """Türk Borçlar Kanunu

Kanun Numarası : 6098

Kiracının temerrüdü

MADDE 315- Kiracı kira bedelini ödemezse kiraya veren yazılı süre verir ve sözleşmeyi fesheder.

Kiralananın kullanılması

MADDE 316- Kiracı kiralananı özenle kullanır ve komşulara saygı gösterir.
"""


def test_json_lines(write_rows: Write) -> None:
    task = read_task("kira", write_rows("q.jsonl", QUESTIONS), write_rows("d.jsonl", ARTICLES))
    assert task.queries == {"a": "Kira ödenmezse ne olur?", "b": "Kanun nereye uygulanır?"}
    assert task.gold == {"a": {"6098:m315"}, "b": {"4721:m2", "1:m1"}}  # what is not in the collection counts as missed
    assert task.missing_gold == 1
    assert task.groups == {"a": "manual_gold"}
    assert task.documents["6098:m315"].startswith("Kiracının temerrüdü\nKiracı kira")
    assert "4721:m2" in task.documents  # repealed, but a question asks for it
    assert "4721:m3" not in task.documents


def test_csv(write_rows: Write, tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text('query,gold\n"Kira, ödenmezse?",6098:m315; 6098:m316\nSaygı?,6098:m316\n', encoding="utf-8-sig")
    task = read_task("kira", path, write_rows("d.jsonl", ARTICLES))
    assert task.queries == {"q1": "Kira, ödenmezse?", "q2": "Saygı?"}
    assert task.gold["q1"] == {"6098:m315", "6098:m316"}


def test_an_artifact_gives_articles_and_whole_documents(write_rows: Write, tmp_path: Path) -> None:
    decision = "Davacı tahliye istemiştir. Mahkeme davayı kabul etmiştir."
    documents = [
        make_document(ACT, kind="statute", source="kanun.txt", law_number="6098", source_id="law-6098"),
        make_document(decision, kind="decision", source="k.txt", source_id="karar-1"),
    ]
    folder = tmp_path / "corpus"
    with artifacts.create(folder, stage="corpus", version=1, parameters={}, inputs={}, seed=None) as run:
        write_documents(documents, run.folder / "documents")
    task = read_task("kira", write_rows("q.jsonl", QUESTIONS[:1]), folder)
    assert {"6098:m315", "6098:m316", "karar-1"} <= set(task.documents)
    assert "temerrüdü" in task.documents["6098:m315"]
    assert "özenle" not in task.documents["6098:m315"]
    assert task.documents["karar-1"] == decision


def test_the_pool_may_be_the_acts_of_the_gold(write_rows: Write) -> None:
    paths = write_rows("q.jsonl", QUESTIONS[:1]), write_rows("d.jsonl", ARTICLES)
    assert set(read_task("kira", *paths, pool="gold_acts").documents) == {"6098:m315", "6098:m316"}
    assert len(read_task("kira", *paths).documents) == 3


def test_what_cannot_be_scored_is_counted(write_rows: Write) -> None:
    rows = [
        *QUESTIONS,
        {"id": "c", "query": "Altın cevabı yok", "gold": []},
        {"id": "d", "query": "Cevabı derlemde yok", "gold": ["9999:m1"]},
        {"id": "a", "query": "İkinci kez aynı kimlik", "gold": ["6098:m316"]},
    ]
    task = read_task("kira", write_rows("q.jsonl", rows), write_rows("d.jsonl", ARTICLES))
    task.accounts.check()
    assert task.accounts.kept == 2
    assert task.accounts.dropped == {"no_gold": 1, "gold_not_in_collection": 1, "same_id": 1}


@pytest.mark.parametrize(
    ("questions", "articles", "told"),
    [
        ([{"query": "soru"}], ARTICLES, r"q\.jsonl:1: expected an object with 'query'"),
        (["yalnız metin"], ARTICLES, r"q\.jsonl:1: expected an object"),
        ([QUESTIONS[0], {"query": 3, "gold": []}], ARTICLES, r"q\.jsonl:2:"),
        (QUESTIONS, [{"id": "6098:m1", "metin": "x"}], r"d\.jsonl:1: expected an object with 'id' and 'text'"),
        (QUESTIONS, [{"id": None, "text": "x"}], r"d\.jsonl:1: .* found the fields id, text"),
        (QUESTIONS, [*ARTICLES, {"id": "4721:m1", "text": "x"}], r"d\.jsonl:6: '4721:m1' is the id of another text"),
        (QUESTIONS, [{"id": "başka", "text": "x"}], "none of 2 queries has a gold document .* do the ids match"),
    ],
)
def test_a_row_of_another_form_is_named(write_rows: Write, questions: Any, articles: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_task("kira", write_rows("q.jsonl", questions), write_rows("d.jsonl", articles))


def test_ids_may_be_numbers_and_the_same_text_may_stand_twice(write_rows: Write) -> None:
    documents = write_rows("d.jsonl", [{"id": 7, "text": "Kiracı öder."}, {"id": "7", "text": "Kiracı öder."}])
    task = read_task("kira", write_rows("q.jsonl", [{"query": "Kim öder?", "gold": [7]}]), documents)
    assert (task.documents, task.gold) == ({"7": "Kiracı öder."}, {"q1": {"7"}})


def test_a_csv_without_the_columns_is_refused(write_rows: Write, tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text("soru,madde\nKira?,6098:m315\n", encoding="utf-8")
    with pytest.raises(InputError, match="columns soru, madde; 'query' and 'gold' are needed"):
        read_task("kira", path, write_rows("d.jsonl", ARTICLES))


def test_a_csv_in_another_encoding_is_refused(write_rows: Write, tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_bytes("query,gold\nKiracı ödemezse?,6098:m315\n".encode("cp1254"))
    with pytest.raises(InputError, match="not UTF-8; save the table as UTF-8"):
        read_task("kira", path, write_rows("d.jsonl", ARTICLES))


def test_absent_files_are_named(write_rows: Write, tmp_path: Path) -> None:
    questions, articles = write_rows("q.jsonl", QUESTIONS), write_rows("d.jsonl", ARTICLES)
    for paths in ((tmp_path / "yok.jsonl", articles), (questions, tmp_path / "yok.jsonl")):
        with pytest.raises(InputError, match=r"yok\.jsonl: no such file"):
            read_task("kira", *paths)


def test_a_folder_that_is_no_collection_is_refused(write_rows: Write, tmp_path: Path) -> None:
    (tmp_path / "bos").mkdir()
    with pytest.raises(MecelleError, match="bos"):
        read_task("kira", write_rows("q.jsonl", QUESTIONS), tmp_path / "bos")


def test_held_out_pairs_make_a_task() -> None:
    pairs = [
        {"id": "p1", "query": "kira", "document": "Kira bedeli.", "document_id": "d1"},
        {"id": "p2", "query": "kira", "document": "Kiracı.", "document_id": "d2"},
        {"id": "p3", "query": "miras", "document": "Mirasçı.", "document_id": "d3"},
    ]
    others = [{"document": "Nafaka.", "document_id": "d1"}, {"document": "Mirasçı.", "document_id": "d9"}]
    task = task_of_pairs("pairs", pairs, others)
    assert task.gold == {"p1": {"d1", "d2"}, "p3": {"d3"}}
    assert task.documents == {"d1": "Kira bedeli.", "d2": "Kiracı.", "d3": "Mirasçı.", "d1#2": "Nafaka."}
    assert task.accounts.dropped == {"same_query": 1}
