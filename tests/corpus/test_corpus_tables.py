"""The tables of a corpus, those of the papers beside them, and the data card."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from mecelle.base import artifacts
from mecelle.base.artifacts import RunRecord
from mecelle.base.collection import write_documents
from mecelle.base.document import Document
from mecelle.base.errors import ConfigError, InputError
from mecelle.corpus.mixing.balance import balance
from mecelle.corpus.mixing.targets import Balance, Target
from mecelle.corpus.statistics.amounts import Amount, summed
from mecelle.corpus.statistics.card import write_card
from mecelle.corpus.statistics.papers import paper_tables
from mecelle.corpus.statistics.report import report
from mecelle.corpus.statistics.survey import source_of, survey
from mecelle.corpus.statistics.tables import change_table, content_table, paper_table, step_table
from mecelle.corpus.statistics.tokens import TokenCounter

DOCUMENTS = [
    Document(
        text="Davanın reddine karar verildi.", id="d1",
        metadata={"kind": "decision", "court": "Yargıtay", "date": "2020-01-02", "origin": "kurum/kararlar:a.txt"},
    ),
    Document(
        text="Hükmün onanmasına " * 300, id="d2",
        metadata={
            "kind": "decision", "court": "Yargıtay", "date": "2019-05-06", "origin": "kurum/kararlar:b.txt",
            "truncated": True, "licence": "MIT",
        },
    ),
    Document(text="Bu Kanun yürürlüğe girer.", id="s1", metadata={"kind": "statute", "source": "k.jsonl#1"}),
    Document(text="Güzel ürün", id="w1", metadata={"kind": "web", "origin": "https://example.com/x", "licence": "MIT"}),
]  # fmt: skip
READ = {"İÇTİHAT Yargıtay": Amount(documents=4, bytes=4_000), "HUKUK Tez": Amount(documents=1, bytes=500)}
CUT = {"İÇTİHAT Yargıtay": Amount(documents=1, bytes=1_000), "HUKUK Tez": Amount(documents=1, bytes=500)}


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    with artifacts.create(tmp_path / "in", stage="extract", version=1, parameters={}, inputs={}, seed=None) as run:
        write_documents(DOCUMENTS, run.folder / "documents")
        run.accounts.keep(4)
        run.accounts.fail("no_text_field", 2)
    return tmp_path / "in"


def record(*steps: tuple[str, dict[str, Amount]], **figures: Any) -> RunRecord:
    rows = [{"step": name, "categories": plain(amounts)} for name, amounts in steps]
    return RunRecord(stage="corpus", version=1, figures={"read": plain(READ), "steps": rows, **figures})


def plain(amounts: dict[str, Amount]) -> dict[str, Any]:
    return {name: amount.model_dump() for name, amount in amounts.items()}


def test_survey_counts_by_category(collection: Path) -> None:
    amounts = survey(collection, TokenCounter(tokens_per_word=2.0), sequence_tokens=100).amounts
    decisions = amounts["İÇTİHAT Yargıtay"]
    assert (decisions.documents, decisions.words, decisions.tokens) == (2, 604, 1_208)
    assert decisions.sequences == 1 + 12  # no sequence holds two documents
    assert decisions.bytes == sum(len(one.text.encode()) for one in DOCUMENTS[:2])
    assert summed(amounts).documents == 4
    assert summed(amounts, "MEVZUAT").documents == 1


def test_tokens_by_a_tokenizer_are_not_cut_short(tmp_path: Path) -> None:
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "karar": 1}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.enable_truncation(4)  # as models save it
    tokenizer.enable_padding(length=50)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    counter = TokenCounter(str(tmp_path))
    assert counter.count("karar " * 30) == 30
    assert counter.name == tmp_path.name
    with pytest.raises(InputError, match="tokenizer"):
        TokenCounter(str(tmp_path / "tokenizer.json"))


def test_content_table_is_in_the_order_of_the_fields_and_adds_up() -> None:
    amounts = {
        "HUKUK DIŞI web": Amount(documents=1, bytes=250),
        **READ,
        "MEVZUAT Kanun": Amount(documents=2, bytes=250),
    }
    table = content_table(amounts, caption="c")
    assert [row[0] for row in table.rows] == [
        "MEVZUAT Kanun", "İÇTİHAT Yargıtay", "HUKUK Tez", "HUKUK DIŞI web", "TOTAL",
    ]  # fmt: skip
    assert table.rows[-1] == ("TOTAL", 8, 0, 0, 5.0, 100.0)
    assert [row[-1] for row in table.rows] == [5.0, 80.0, 10.0, 5.0, 100.0]
    assert table.header[-2:] == ("kB", "% of kB")
    assert table.shown()[0][-2:] == ["0.25", "5.00"]
    assert "| İÇTİHAT Yargıtay | 4 | 0 | 0 | 4.00 | 80.00 |" in table.markdown()


@pytest.mark.parametrize(
    ("size", "unit"), [(0, "kB"), (999_999, "kB"), (1_000_000, "MB"), (165_000_000, "MB"), (10**9, "GB")]
)
def test_a_small_corpus_is_not_told_in_gigabytes(size: int, unit: str) -> None:
    table = content_table({"MEVZUAT Kanun": Amount(documents=1, bytes=size)}, caption="c")
    assert table.header[-2] == unit


def test_steps_that_changed_nothing_have_no_column() -> None:
    made = record(("clean", READ), ("deduplicate", CUT), ("mask", CUT))
    steps, change = step_table(made, caption="s"), change_table(made, caption="c")
    assert steps
    assert change
    assert steps.header == ("category", "read", "deduplicate")
    assert steps.rows == (("İÇTİHAT Yargıtay", 4, 1), ("HUKUK Tez", 1, 1), ("TOTAL", 5, 2))
    assert change.rows[0] == ("İÇTİHAT Yargıtay", 4, 1, 25.0, 4.0, 1.0)
    assert step_table(RunRecord(stage="extract", version=1), caption="s") is None


def test_of_a_curriculum_all_phases_together_are_what_came_out() -> None:
    change = change_table(record(("phase 1", CUT), ("phase 2", READ), phases=[{}, {}]), caption="c")
    assert change
    assert change.rows[0][:3] == ("İÇTİHAT Yargıtay", 4, 5)


def test_the_papers_tables_add_up_to_their_printed_totals() -> None:
    tables = paper_tables("hukukbert")
    totals = [(table.total("documents"), table.total("gigabytes")) for table in tables.values()]
    assert totals == [(10_987_262, 27.02), (8_896_421, 24.60), (2_328_153, 18.93)]
    assert tables["deduplicated"].total("gigabytes", "İÇTİHAT Yargıtay") == 14.48
    assert tables["balanced"].total("gigabytes", "İÇTİHAT Yargıtay") == 3.51
    assert tables["raw"].total("gigabytes", "HUKUK Sözlük") is None  # printed as "<0.01"
    assert paper_tables("mecellem")["phases"].rows[1].numbers["tokens"] == 57_045_791_446
    with pytest.raises(ConfigError, match="did you mean 'hukukbert'"):
        paper_tables("hukukbertt")


def test_paper_beside_ours() -> None:
    ours = {"İÇTİHAT Yargıtay": Amount(documents=3, bytes=3 * 10**9), "HUKUK Soru": Amount(documents=1, bytes=10**9)}
    table = paper_table(ours, "hukukbert", "deduplicated", caption="x")
    rows = {row[0]: row[1:] for row in table.rows}
    assert table.header[1:] == (
        "paper documents", "ours documents", "paper gigabytes", "ours gigabytes", "paper %", "ours %",
    )  # fmt: skip
    assert rows["İÇTİHAT Yargıtay"] == (7_588_993, 3, 14.48, 3.0, 58.86, 75.0)
    assert rows["not in the paper"] == (None, 1, None, 1.0, None, 25.0)
    assert rows["HUKUK Tez"][1] == 0


def test_report_puts_the_table_of_the_stage_beside(collection: Path, tmp_path: Path) -> None:
    balance(collection, tmp_path / "mix", Balance(), seed=7)
    captions = {
        place.name: [one.caption for one in report(place, survey(place, TokenCounter()), paper="hukukbert")]
        for place in (collection, tmp_path / "mix")
    }
    assert captions["in"][-1].endswith("HukukBERT Table 1, as collected")
    assert captions["mix"][-1].endswith("HukukBERT Table 3, balanced")
    assert len(captions["mix"]) == 4


def test_source_of() -> None:
    assert [source_of(one) for one in DOCUMENTS] == ["kurum/kararlar", "kurum/kararlar", "k.jsonl", "example.com"]


def test_card(collection: Path, tmp_path: Path) -> None:
    thrice = {"MEVZUAT": Target(factor=3.0), "İÇTİHAT": Target(factor=1.0), "HUKUK DIŞI": Target(factor=0.0)}
    balance(collection, tmp_path / "mix", Balance(targets=thrice), seed=7)
    found = survey(tmp_path / "mix", TokenCounter(), licences={"k.jsonl": "resmî metin"})
    write_card(tmp_path / "mix", found, tmp_path / "README.md")
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    _, header, body = card.split("---\n", 2)
    values = yaml.safe_load(header)
    assert (values["language"], values["license"], values["size_categories"]) == (["tr"], "other", ["n<1K"])
    assert "5 documents" in body
    assert "Dates run from 2019-05-06 to 2020-01-02." in body
    assert "| k.jsonl | 3 |" in body
    assert "resmî metin" in body
    assert "### extract" in body
    assert "### mix (Mecelle" in body
    assert "| balance | 4 | 3 | not_sampled 1 |" in body
    assert "No step that masks identifiers" in body
    for limit in ("1 of 5 documents come without", "1 documents are cut short", "2 rows or files", "2 lines repeat"):
        assert limit in body
    sections = [part.strip() for part in body.split("\n## ")]
    assert len(sections) == 6
    assert all(len(section.splitlines()) > 2 for section in sections)


def test_a_card_does_not_go_into_the_artifact(collection: Path) -> None:
    with pytest.raises(ConfigError, match="beside"):
        write_card(collection, survey(collection, TokenCounter()), collection / "README.md")
    artifacts.verify(collection)
