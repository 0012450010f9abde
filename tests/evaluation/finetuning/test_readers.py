"""Parts do not share texts, nothing is left out uncounted, and the data at hand gives what the suite says."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from mecelle.base.errors import ConfigError, InputError
from mecelle.evaluation.finetuning import readers
from mecelle.evaluation.finetuning.config import FineTuningConfig
from mecelle.evaluation.finetuning.items import TYPES, Parts
from mecelle.evaluation.finetuning.search import capped
from mecelle.evaluation.finetuning.tasks import TASKS, chosen

WriteRows = Callable[[str, Sequence[Any]], Path]


def texts(parts: Parts) -> dict[str, list[str]]:
    return {name: [item.text for item in getattr(parts, name)] for name in ("train", "dev", "test")}


def test_what_test_holds_leaves_train_and_dev_and_is_counted(write_rows: WriteRows):
    given = [("train", "a"), ("train", "b"), ("train", "c"), ("train", "c"), ("dev", "b"), ("dev", "d"), ("test", "d"),
             ("test", "a"), ("test", "e"), ("other", "f")]  # fmt: skip
    path = write_rows("rows.jsonl", [{"text": text, "label": "x", "split": split} for split, text in given])
    parts = readers.classes(path)
    assert texts(parts) == {"train": ["c"], "dev": ["b"], "test": ["d", "a", "e"]}
    assert parts.dropped == {
        "the same train item again": 1,
        "train item that shares its text with test": 1,
        "dev item that shares its text with test": 1,
        "train item that shares its text with dev": 1,
    }


def test_a_missing_development_part_is_drawn_from_train_without_sharing_a_context(write_rows: WriteRows):
    rows = [
        {"question": f"{n}?", "context": f"bağlam {n % 60}", "answer": "bağlam", "domain": "d", "split": "train"}
        for n in range(300)
    ]
    rows.append(rows[0] | {"answer": "yok"})
    parts = readers.questions(write_rows("rows.jsonl", rows), domain="d", parts=readers.AS_NAMED)
    assert len(parts.train) + len(parts.dev) == 300
    assert 0 < len(parts.dev) < 100
    assert not {item.second for item in parts.train} & {item.second for item in parts.dev}
    assert parts.dropped == {"answer not in the context": 1}


def test_multiword_surface_rows_are_no_words(write_rows: WriteRows):
    given = [("birisiyse", "MWT"), ("biri", "PRON"), ("siyse", "AUX")]
    rows = [{"form": form, "upos": upos, "sent": "1", "tb": "X", "split": "train"} for form, upos in given]
    parts = readers.treebank(write_rows("rows.jsonl", rows), name="X", parts=readers.AS_NAMED)
    [item] = parts.train + parts.dev
    assert (item.words, item.label) == (("biri", "siyse"), ("PRON", "AUX"))


def test_caps_are_drawn_by_seed_and_keep_the_order(write_rows: WriteRows):
    rows = [{"text": f"{n:03}", "label": "x", "split": "train"} for n in range(200)]
    path = write_rows("rows.jsonl", rows)
    config = FineTuningConfig(train_items=20)
    first, again, other = (texts(capped(readers.classes(path), config, seed=seed))["train"] for seed in (1, 1, 2))
    assert first == again == sorted(first)
    assert len(first) == 20
    assert first != other


def test_an_absent_file_is_named(tmp_path: Path):
    with pytest.raises(InputError, match="--data takes the folder"):
        readers.classes(tmp_path / "no.jsonl.gz")


def test_tasks_are_found_by_name_and_type():
    assert {task.type for task in TASKS.values()} == set(TYPES)
    assert [task.name for task in chosen(["POS", "topic"])] == ["topic.v1", "imst.v1", "boun.v1"]
    with pytest.raises(ConfigError, match=r"did you mean 'snli\.v1'"):
        chosen(["smli.v1"])


@pytest.mark.parametrize("name", ["topic.v1", "news.v1", "legal_entities.v1", "stsb.v1", "boun.v1"])
def test_the_data_at_hand_gives_three_parts_that_share_nothing(name: str, real_data: Path):
    task = TASKS[name]
    parts = task.read(real_data / task.file)
    train, dev, test = ({item.id for item in part} for part in (parts.train, parts.dev, parts.test))
    assert min(len(train), len(dev), len(test)) > 50
    assert not train & dev | train & test | dev & test
    assert {type(item.label) for item in parts.test} == {type(item.label) for item in parts.train}
