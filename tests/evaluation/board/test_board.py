"""The page: what it says of records, and that it is one file which needs nothing else."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mecelle.evaluation.board.bubbles import plot, published_points, radius
from mecelle.evaluation.board.measured import OTHER_DATA, section
from mecelle.evaluation.board.overview import overview
from mecelle.evaluation.board.page import decimals, printed, render, write_board
from mecelle.evaluation.board.robustness import robustness
from mecelle.evaluation.means import MTEB_TYPES
from mecelle.evaluation.published.tables import published_table
from mecelle.evaluation.record import TaskRecord, write

EFFECTS = {"strong": 0.3, "even": 0.29, "weak": 0.0}


def record(model: str, task: str = "t.v1", n: int = 60, **changes: Any) -> TaskRecord:
    values = np.random.default_rng(1).uniform(0, 0.6, n) + EFFECTS.get(model, 0.1)
    values += np.random.default_rng(list(model.encode())).normal(0, 0.05, n)
    made: dict[str, Any] = {
        "model": model, "fingerprint": model, "task": task, "kind": "retrieval", "split": "test", "main_score": "m",
        "scores": {"m": float(values.mean())}, "unit": "query", "ids": tuple(f"q{place}" for place in range(n)),
        "values": tuple(values.tolist()), "n": n, "seed": 7, "parameters": {}, "data": "d",
    }  # fmt: skip
    return TaskRecord(**{**made, **changes})


def table(records: Sequence[TaskRecord], **more: Any) -> dict[str, Any]:
    """Model -> cell of the first column."""
    found = section("retrieval", records, link=lambda one: f"{one.model}.json", seed=1, resamples=2_000, **more)
    return {row.name: row.cells[0] for row in found.rows}


def suite(model: str, **changes: Any) -> list[TaskRecord]:
    legal = record(model, "citizen_questions.v1", kind="legal retrieval", **changes)
    return [*(record(model, f"{kind.replace(' ', '-')}.v1", kind=kind, **changes) for kind in MTEB_TYPES), legal]


def test_letters_tell_apart_what_differs() -> None:
    cells = table([record(model) for model in EFFECTS])
    assert [cells[model].group for model in ("strong", "even", "weak")] == ["a", "a", "b"]
    assert [cells[model].best for model in ("strong", "even", "weak")] == [True, True, False]
    assert list(cells)[-1] == "weak"
    assert cells["weak"].low < cells["weak"].value < cells["weak"].high


def test_where_less_is_better_the_least_stands_first() -> None:
    cells = table([record(model, lower_is_better=True) for model in EFFECTS])
    assert (next(iter(cells)), cells["weak"].group) == ("weak", "a")


def test_other_data_are_shown_but_not_compared() -> None:
    cells = table([record("strong"), record("even"), record("weak", data="e")])
    assert (cells["weak"].group, cells["weak"].notes) == ("", (OTHER_DATA,))
    assert cells["strong"].group == "a"


def test_a_column_of_other_parameters_is_told_and_not_compared() -> None:
    def asked(documents: int, **more: Any) -> dict[str, Any]:
        return {"parameters": {"caps": {"documents": documents, "items": 20}, "forms": []}, **more}

    alike = [record("strong", **asked(4_000)), record("even", **asked(4_000, kind="retrieval"))]
    assert section("retrieval", alike, link=lambda one: "", seed=1, resamples=1_000).cautions == ()
    (told,) = section(
        "retrieval", [*alike, record("weak", **asked(8_000))], link=lambda one: "", seed=1, resamples=1_000
    ).cautions
    assert "weak: 60 queries, documents 8000, seed 7" in told
    assert "even, strong: 60 queries, documents 4000, seed 7" in told
    assert table([*alike, record("weak", **asked(8_000))])["weak"].notes == (OTHER_DATA,)


def test_of_two_folders_the_last_is_shown_and_the_other_told(tmp_path: Path) -> None:
    for name, n in (("a", 50), ("b", 60)):
        write(record("weak", n=n), tmp_path / name)
    write_board([tmp_path / "a", tmp_path / "b"], tmp_path / "board.html", seed=1, resamples=1_000)
    page = (tmp_path / "board.html").read_text()
    assert "Measured more than once: 1. The last folder is shown.</summary><p>weak on t.v1</p>" in page
    assert "60 queries" in page


def test_means_without_a_task_have_no_column() -> None:
    found = overview([record("weak", "legal_answers.v1", kind="legal retrieval")], seed=1, resamples=1_000)
    assert [column.name for column in found.columns] == ["Legal Score"]
    assert {len(row.cells) for row in found.rows} == {1}
    assert len(overview([], seed=1, resamples=1_000).columns) == 7  # the published rows alone


def test_published_rows_stand_in_a_body_of_their_own() -> None:
    page = render(suite("strong"), links={}, seed=1, resamples=1_000)
    bodies = re.findall(r"<tbody>(.*?)</tbody>", page.partition('class="plots"')[0], re.DOTALL)
    assert [set(re.findall(r'tr data-source="(\w+)"', body)) for body in bodies] == [{"measured"}, {"published"}]


def test_trainings_of_one_model_make_one_row_with_a_wider_interval() -> None:
    lucky = [
        record("weak", seed=seed, values=tuple(value + luck for value in record("weak").values))
        for seed, luck in enumerate((-0.1, 0.0, 0.1))
    ]
    several, single = table(lucky)["weak"], table([record("weak")])["weak"]
    assert several.notes == ("mean of 3 trainings",)
    assert several.high - several.low > 1.5 * (single.high - single.low)


def test_an_interval_stands_around_the_printed_score() -> None:
    cell = table([record("weak", scores={"m": 0.9})])["weak"]
    assert cell.low < cell.value == 0.9 < cell.high
    assert "shifted" in cell.notes[0]


def test_a_mean_needs_all_of_its_tasks() -> None:
    found = overview([*suite("strong"), *suite("weak"), record("even", "retrieval.v1")], seed=1, resamples=1_000)
    measured = {row.name: row.cells for row in found.rows if row.source == "measured"}
    places = {column.name: place for place, column in enumerate(found.columns)}
    assert [cell.group for cell in (measured["strong"][0], measured["weak"][0])] == ["a", "b"]
    assert measured["even"][places["MTEB Score"]] is None
    assert measured["even"][places["Retrieval"]].value == pytest.approx(100 * record("even").score)
    mean = 100 * np.mean([one.score for one in suite("strong")[:5]])
    assert measured["strong"][places["MTEB Score"]].value == pytest.approx(mean)


def test_published_rows_are_marked_and_never_graded() -> None:
    found = overview(suite("strong"), seed=1, resamples=1_000)
    published = [row for row in found.rows if row.source == "published"]
    assert len(published) == 17 + 7  # Table 22, and the rows of Table 24 that are not in it
    assert all(row.origin.startswith("Mecellem, Table 2") for row in published)
    assert not any(cell.group or cell.best for row in published for cell in row.cells)
    assert [row.source for row in found.rows[:2]] == ["measured", "published"]


def test_losses_of_damaged_text_are_a_table() -> None:
    losses = {"upper loss": 0.1, "upper loss low": 0.05, "upper loss high": 0.15}
    one = record("weak", scores={"m": 0.5, **losses})
    (found,) = robustness([one, record("strong")], link=lambda record: "")
    assert [row.name for row in found.rows] == ["weak · t.v1"]
    assert found.rows[0].cells[0].low == 0.05
    assert robustness([record("strong")], link=lambda record: "") == []


def test_labels_keep_off_each_other() -> None:
    drawn = plot(published_points(published_table("Mecellem", "22"), published_table("Mecellem", "25")))
    labelled = [bubble for bubble in drawn.bubbles if bubble.label]
    assert len(drawn.bubbles) == 17
    assert len(labelled) >= 15
    assert drawn.bubbles[0].radius >= drawn.bubbles[-1].radius
    for bubble in drawn.bubbles:
        assert drawn.x_ticks[0][0] <= bubble.x <= drawn.x_ticks[-1][0]
        assert drawn.y_ticks[-1][0] <= bubble.y <= drawn.y_ticks[0][0]


def test_bubbles_grow_with_the_logarithm_of_parameters() -> None:
    assert radius("4B") - radius("400M") == pytest.approx(radius("1B") - radius("100M"), abs=0.11)
    assert radius("8M") == 4.0
    assert radius("") == 6.0


def test_numbers_read_as_in_tables() -> None:
    assert [decimals(0.5321), decimals(-0.05), decimals(1.0), decimals(65.421, 2), decimals(0.79, 2)] == [
        ".532", "-.050", "1.000", "65.42", "0.79",
    ]  # fmt: skip
    assert decimals(0.9999) == "1.000"
    segments = published_table("HukukBERT", "9")
    assert printed(56.7, published_table("Mecellem", "14"), 0) == "56.70"
    assert [printed(row.number(0), segments, 0) for row in (segments.rows[2], segments.rows[-1])] == ["99.0", "0.1413"]


class Checker(HTMLParser):
    """Collects what a browser would fetch, and counts tags that are left open."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [
            value or "" for name, value in attrs if name in {"src", "srcset"} or (tag, name) == ("link", "href")
        ]
        if tag not in {"meta", "input", "wbr"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_escaped_and_needs_no_network(tmp_path: Path) -> None:
    results = tmp_path / "results"
    evil = "<script>alert(1)</script>"
    for one in [*suite("strong"), *suite(evil, notes=("Cap: 300.",))]:
        write(one, results)
    out = tmp_path / "pages" / "board.html"
    write_board([results], out, seed=1, resamples=1_000)
    page = out.read_text(encoding="utf-8")
    checker = Checker()
    checker.feed(page)
    assert (checker.fetched, checker.open) == ([], [])
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest", page)
    assert evil not in page
    assert page.count("not measured here") > 24
    assert "Cap: 300." in page
    links = re.findall(r'href="(\.\./[^"]+)"', page)
    assert len(links) >= 12
    assert all((out.parent / link).is_file() for link in links)
    write_board([results], out, seed=1, resamples=1_000)
    assert out.read_text(encoding="utf-8") == page  # same records, same seed, same bytes


def test_a_page_of_bm25_alone_has_no_means_and_no_plot_of_its_own() -> None:
    page = render([record("bm25")], links={}, seed=1, resamples=1_000)
    assert "Measured here</b>" not in page
    assert "Mecellem, Fig. 15" in page


def test_caps_below_the_default_are_told() -> None:
    small = record("one", parameters={"caps": {"queries": 500, "documents": 200, "items": 20}})
    found = section("retrieval", [small], link=str, seed=7, resamples=1_000)
    assert "caps below the default (documents 200)" in " ".join(found.cautions)
    whole = record("one", parameters={"caps": {"queries": 500, "documents": 4_000, "items": 20}})
    assert not section("retrieval", [whole], link=str, seed=7, resamples=1_000).cautions
