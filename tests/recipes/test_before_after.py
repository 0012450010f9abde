"""Base and trained model on the held-out pairs, and what the difference says."""

import csv
from pathlib import Path

import numpy as np
import pytest

import mecelle.recipes.before_after as module
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.pairs.record import read_pairs
from mecelle.embedding.pairs.split import split
from mecelle.recipes.before_after import before_after

CONFIG = EmbeddingConfig()
WORDS = ["kira", "haciz", "miras", "nafaka", "ipotek", "vergi", "kefalet", "velayet"]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    with (tmp_path / "pairs.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["query", "document"])
        rows.writerows([f"{number} soru", f"{number} yanıt"] for number in range(400))
    return tmp_path / "pairs.csv"


class Known:
    """An encoder that finds the document of the query for as many numbers as it knows, one in so many."""

    fingerprint = "known"
    dimension = 400

    def __init__(self, one_in: int) -> None:
        self.name, self.one_in = str(one_in), one_in

    def encode(self, texts, *, role="document"):
        vectors = np.zeros((len(texts), 400), dtype=np.float32)
        for row, text in enumerate(texts):
            number = int(text.split()[0])
            vectors[row, number if number % self.one_in == 0 or role == "document" else (number + 1) % 400] = 1
        return vectors


@pytest.mark.parametrize(
    ("base", "trained", "verdict"),
    [
        (4, 1, "the trained model is better"),
        (1, 4, "THE TRAINED MODEL IS WORSE: keep the base"),
        (2, 2, "THE TRAINED MODEL IS NOT SHOWN TO BE BETTER than its base"),
    ],
)
def test_the_verdict_is_that_of_the_interval(table, monkeypatch, base, trained, verdict):
    asked = []
    monkeypatch.setattr(module, "find_folder", Path)

    def load(place, **settings):
        asked.append((str(place), settings))
        return Known(base if str(place) == "base" else trained)

    monkeypatch.setattr(module, "load_encoder", load)
    found = before_after("base", Path("trained"), table, CONFIG, seed=3)
    assert asked == [(name, {"device": "cpu", "max_length": 256}) for name in ("base", "trained")]
    _, held = split(list(read_pairs(table)), most=256, seed=3)
    numbers = [int(pair.query.split()[0]) for pair in held]
    assert found.base.n == found.trained.n == found.change.n == len(held) == 40
    assert found.trained.mean >= np.mean([number % trained == 0 for number in numbers])
    assert found.verdict == verdict
    assert found.sentence().endswith(verdict)
    assert f"base {found.base.text()}, trained {found.trained.text()}" in found.sentence()


def test_few_pairs_say_that_they_are_few_and_none_say_nothing(table, monkeypatch):
    monkeypatch.setattr(module, "find_folder", Path)
    monkeypatch.setattr(module, "load_encoder", lambda place, **_: Known(1))
    few = CONFIG.model_copy(update={"evaluation_pairs": 5})
    assert before_after("a", Path("b"), table, few, seed=3).verdict.endswith("; 5 pairs show large differences alone")
    assert before_after("a", Path("b"), table, CONFIG.model_copy(update={"evaluation_pairs": 0}), seed=3) is None
