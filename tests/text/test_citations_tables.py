"""The table of acts against the acts themselves."""

import gzip
import json
from itertools import pairwise
from pathlib import Path

import pytest

from mecelle.text.casing import fold, without_circumflex
from mecelle.text.citations.laws import laws, laws_by_abbreviation, laws_by_name


def test_every_row_is_whole() -> None:
    for law in laws():
        assert law.since
        assert law.names
        assert not law.until or law.since < law.until, law
    assert len({law.number for law in laws()}) == len(laws())


def test_acts_of_one_name_follow_each_other() -> None:
    for shared in (*laws_by_name().values(), *laws_by_abbreviation().values()):
        periods = sorted((law.since, law.until) for law in shared)
        for (_, until), (since, _) in pairwise(periods):
            assert until
            assert until <= since, shared


@pytest.mark.real_data
def test_numbers_in_force_have_the_titles_of_the_data(real_data: Path) -> None:
    titles: dict[str, list[str]] = {}
    with gzip.open(real_data / "legal" / "statutes.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["status"] == "in_force":
                titles.setdefault(row["number"], []).append(plain(row["title"]))
    num_checked = 0
    for law in laws():
        if law.until or law.number not in titles:
            continue
        num_checked += 1
        assert any(plain(name) in title for name in law.names for title in titles[law.number]), law.number
    assert num_checked >= 95  # 6563, 2911, 5216 and the instruments without a number are not in the data


def plain(name: str) -> str:
    return without_circumflex(fold(name))
