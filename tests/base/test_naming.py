"""`NAME=PLACE` where places hold a `=` themselves, in every command that takes one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mecelle.base.errors import ConfigError
from mecelle.base.naming import name_and_place
from mecelle.cli import common, evaluate, evaluate_efficiency, segment
from mecelle.evaluation.contestants import contestants
from mecelle.recipes.choice import candidates
from mecelle.tokenizer.measure.places import parse_places


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mine=artifacts/embedding", ("mine", "artifacts/embedding")),
        ("mine=/data/lang=tr", ("mine", "/data/lang=tr")),
        ("/data/lang=tr/text.jsonl", (None, "/data/lang=tr/text.jsonl")),
        ("lang=tr", ("lang", "tr")),
        ("owner/model", (None, "owner/model")),
        ("=place", ("", "place")),
    ],
)
def test_name_and_place(text: str, expected: tuple[str | None, str]) -> None:
    assert name_and_place(text) == expected


def test_what_exists_as_it_stands_is_a_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("lang=tr").mkdir()
    assert name_and_place("lang=tr") == (None, "lang=tr")


@pytest.mark.parametrize("text", [128 * "ş" + "=owner/model", "mine=" + 256 * "a", "owner/" + 256 * "a", 256 * "a"])
def test_a_name_that_no_file_can_have_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"has 256 bytes; expected a name of at most 2[05][05]"):
        name_and_place(text)


def test_name_and_place_may_be_long_together() -> None:
    assert name_and_place(200 * "a" + "=" + 200 * "b") == (200 * "a", 200 * "b")


@pytest.mark.parametrize(
    "name_of",
    [
        lambda text: evaluate_efficiency.named(text)[0],
        lambda text: segment._named(text)[0],
        lambda text: parse_places([text])[0].name,
        lambda text: candidates._candidates(text)[0].name,
        lambda text: contestants([text], seed=1, max_length=None, memory=None)[0].name,
    ],
)
def test_a_folder_goes_by_its_last_part(name_of: Callable[[str], str], tmp_path: Path) -> None:
    folder = tmp_path / "lang=tr" / "model"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}", encoding="utf-8")
    assert name_of(str(folder)) == "model"
    assert name_of(f"mine={folder}") == "mine"


@pytest.mark.parametrize("take", [lambda text: common.named(text, "MODEL"), evaluate._named])
def test_a_path_alone_is_refused_where_a_name_is_needed(take: Callable[[str], object]) -> None:
    with pytest.raises(ConfigError, match="expected name=folder"):
        take("/data/lang=tr/model")


def test_a_name_leaves_room_for_what_results_put_behind_it() -> None:
    assert name_and_place(200 * "a" + "=owner/model") == (200 * "a", "owner/model")
    with pytest.raises(ConfigError, match="has 201 bytes; expected a name of at most 200"):
        name_and_place(201 * "a" + "=owner/model")
