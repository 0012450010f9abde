"""The papers' numbers: each as printed, and what the papers say of them holds or carries a note."""

import re
from pathlib import Path

import pytest

from mecelle.base.errors import InputError
from mecelle.evaluation.published.tables import PublishedTable, published_table, published_tables
from mecelle.evaluation.statistics.rates import wilson

TYPES = ("Classification", "Clustering", "Pair classification", "Retrieval", "STS")
LEGAL = ("Contracts", "Regulation", "Caselaw")
PAPERS = {"Mecellem": "mecellem-2601.16018.txt", "HukukBERT": "hukukbert-2604.04790.txt"}


def mecellem(number: str) -> PublishedTable:
    return published_table("Mecellem", number)


@pytest.mark.parametrize("number", ["22", "24"])
def test_printed_means_are_means(number: str) -> None:
    """MTEB Score over five types, Legal Score over three tasks, both plain: to the last printed digit."""
    table = mecellem(number)
    for row in table.rows:
        for score, parts in (("MTEB Score", TYPES), ("Legal Score", LEGAL)):
            mean = sum(table.number(row.name, part) for part in parts) / len(parts)
            assert table.number(row.name, score) == pytest.approx(mean, abs=0.0101), row.name


def test_overall_of_fine_tuning_is_the_mean_of_types() -> None:
    for row in mecellem("23").rows:
        overall, *types = (row.number(place) for place in range(7))
        assert overall == pytest.approx(sum(types) / 6, abs=0.0006)


@pytest.mark.parametrize(("number", "last"), [("17", "Phase 4"), ("18", "Trained")])
def test_improvements_follow_from_perplexities_or_carry_a_note(number: str, last: str) -> None:
    table = mecellem(number)
    for row in table.rows:
        found = 100 * (1 - table.number(row.name, last) / table.number(row.name, "Base"))
        # Perplexities of two decimals leave the percentage open by about a tenth.
        agrees = table.number(row.name, "Improvement") == pytest.approx(found, abs=0.11)
        assert agrees or row.notes, row.name


def test_tasks_sum_to_the_total() -> None:
    *rows, total = mecellem("11").rows
    assert total.name == "Total"
    assert sum(row.number(0) for row in rows) == total.number(0) == 17


def test_one_model_in_two_tables_has_one_score_or_a_note() -> None:
    for number in ("15", "24"):
        other = mecellem(number)
        for row in {row.name for row in other.rows} & {row.name for row in mecellem("22").rows}:
            for column in ("MTEB Score", "Legal Score"):
                assert other.number(row, column) == mecellem("22").number(row, column)
    assert mecellem("12").number("v5", "MTEB Score") != mecellem("22").number("Mursit-Base-TR-Retrieval", "MTEB Score")
    assert any("55.86" in note for note in mecellem("12").row("v5").notes)
    assert any("-8.2%" in note for note in mecellem("16").row("256").notes)


def test_the_cloze_intervals_are_wilson_intervals() -> None:
    table = published_table("HukukBERT", "6")
    assert table.n == 750
    for row in table.rows:
        for figure in row.figures:
            assert isinstance(figure.value, float)
            found = wilson(round(figure.value * 7.5), 750)
            assert (100 * found.low, 100 * found.high) == pytest.approx((figure.low, figure.high), abs=0.0051)
    assert any("Wilson" in note for note in table.notes)


def test_f1_follows_from_precision_and_recall() -> None:
    for row in published_table("HukukBERT", "10").rows:
        precision, recall, f1 = (row.number(place) for place in range(3))
        assert f1 == pytest.approx(2 * precision * recall / (precision + recall), abs=0.06)


def test_every_number_stands_in_its_row_of_the_paper(repository: Path) -> None:
    folder = repository.parent / "shared" / "papers"
    if not folder.is_dir():
        pytest.skip(f"no papers at {folder}")
    checked = 0
    for table in published_tables():
        if table.paper not in PAPERS:
            continue
        lines = (folder / PAPERS[table.paper]).read_text(encoding="utf-8").splitlines()
        caption = next(place for place, line in enumerate(lines) if line.startswith(f"Table {table.table}: "))
        near = lines[max(0, caption - 15) : caption + 25]
        for row in table.rows:
            numbers = [
                value
                for figure in row.figures
                for value in (figure.value, figure.low, figure.high)
                if isinstance(value, float)
            ]
            holding = [line for line in near if row.name in re.sub(r" \[\d+\]", "", line)]
            assert any(_printed(line) >= set(numbers) for line in holding), (table.name, row.name)
            checked += len(numbers)
    assert checked > 450


def _printed(line: str) -> set[float]:
    numbers = re.findall(r"-?\d[\d,]*\.?\d*", line)
    return {float(number.replace(",", "")) for number in numbers}


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(InputError, match="Table 99: not at hand"):
        mecellem("99")
    with pytest.raises(InputError, match="did you mean 'Retrieval'"):
        mecellem("22").number("bge-m3", "Retrival")
    with pytest.raises(InputError, match="no row 'bge-m4'"):
        mecellem("22").row("bge-m4")
    with pytest.raises(InputError, match="no number"):
        mecellem("22").number("bge-m3", "Type")
