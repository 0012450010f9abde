"""The memory of vectors."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mecelle.base.errors import ConfigError, LockedError
from mecelle.base.locks import lock
from mecelle.evaluation import vectors as module
from mecelle.evaluation.vectors import Vectors
from mecelle.models.random_vectors import RandomEncoder

TEXTS = ["kira", "bedel", "kira", "", "haciz"]


class Counting(RandomEncoder):
    """Remembers what it was asked."""

    def __init__(self, seed: int = 7) -> None:
        super().__init__(dimension=8, seed=seed)
        self.asked: list[tuple[str, str]] = []

    def encode(self, texts: Any, *, role: Any = "document") -> Any:
        self.asked += [(text, role) for text in texts]
        return super().encode(texts, role=role)


def test_a_text_is_encoded_once_for_all_runs(tmp_path: Path) -> None:
    encoder = Counting()
    expected = RandomEncoder(dimension=8, seed=7).encode(TEXTS)
    first = Vectors(encoder, tmp_path)
    np.testing.assert_array_equal(first.encode(TEXTS, role="query"), expected)
    assert sorted(encoder.asked) == sorted((text, "query") for text in {"kira", "bedel", "", "haciz"})
    assert first.encoded_texts == 4
    again = Counting()
    np.testing.assert_array_equal(Vectors(again, tmp_path).encode(TEXTS[::-1], role="query"), expected[::-1])
    assert again.asked == []


def test_roles_and_models_are_kept_apart(tmp_path: Path) -> None:
    encoder, other = Counting(), Counting(seed=8)
    Vectors(encoder, tmp_path).encode(["kira"], role="query")
    Vectors(encoder, tmp_path).encode(["kira"], role="document")
    assert len(encoder.asked) == 2
    found = Vectors(other, tmp_path).encode(["kira"], role="query")
    np.testing.assert_array_equal(found, RandomEncoder(dimension=8, seed=8).encode(["kira"]))


def test_precisions_are_kept_apart_and_old_caches_are_those_of_fp32(tmp_path: Path) -> None:
    before, whole, half = Counting(), Counting(), Counting()
    whole.precision, half.precision = "fp32", "bf16"  # type: ignore[attr-defined]
    for encoder in (before, whole, half):
        Vectors(encoder, tmp_path).encode(["kira"], role="query")
    assert [len(encoder.asked) for encoder in (before, whole, half)] == [1, 0, 1]


def test_what_a_killed_run_left_is_kept_and_its_torn_end_is_made_again(tmp_path: Path) -> None:
    Vectors(Counting(), tmp_path).encode(TEXTS, role="query")
    (keys,) = tmp_path.rglob("keys.bin")
    with keys.with_name("vectors.bin").open("ab") as file:  # killed after the vectors, before the keys
        file.write(b"\x00" * 45)
    with keys.open("r+b") as file:  # and half a key was lost
        file.truncate(keys.stat().st_size - 7)
    encoder = Counting()
    found = Vectors(encoder, tmp_path).encode([*TEXTS, "yeni"], role="query")
    np.testing.assert_array_equal(found, RandomEncoder(dimension=8, seed=7).encode([*TEXTS, "yeni"]))
    assert len(encoder.asked) == 2  # the lost one and the new one


def test_a_run_that_is_killed_loses_one_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK_TEXTS", 2)

    class Dying(Counting):
        def encode(self, texts: Any, *, role: Any = "document") -> Any:
            if len(self.asked) >= 2:
                raise KeyboardInterrupt
            return super().encode(texts, role=role)

    with pytest.raises(KeyboardInterrupt):
        Vectors(Dying(), tmp_path).encode(["a", "b", "c", "d"], role="query")
    encoder = Counting()
    Vectors(encoder, tmp_path).encode(["a", "b", "c", "d"], role="query")
    assert len(encoder.asked) == 2


def test_a_cut_takes_leading_components_and_shares_the_memory(tmp_path: Path) -> None:
    encoder = Counting()
    whole = Vectors(encoder, tmp_path).encode(TEXTS, role="query")
    short = Vectors(encoder, tmp_path, cut=3).encode(TEXTS, role="query")
    np.testing.assert_allclose(short, whole[:, :3] / np.linalg.norm(whole[:, :3], axis=1, keepdims=True), rtol=1e-6)
    assert len(encoder.asked) == 4
    with pytest.raises(ConfigError, match="9 of its 8 components"):
        Vectors(encoder, tmp_path, cut=9)


def test_half_precision_is_another_store_and_close(tmp_path: Path) -> None:
    whole = Vectors(Counting(), tmp_path).encode(TEXTS, role="query")
    half = Vectors(Counting(), tmp_path, dtype=np.float16).encode(TEXTS, role="query")
    assert half.dtype == np.float32
    assert 0 < np.abs(whole - half).max() < 1e-3


def test_two_writers_are_kept_apart_and_readers_are_not(tmp_path: Path) -> None:
    Vectors(Counting(), tmp_path).encode(["kira"], role="query")
    (store,) = {path.parent.parent for path in tmp_path.rglob("keys.bin")}
    with lock(store / "lock", doing="a test"):
        assert len(Vectors(Counting(), tmp_path).encode(["kira"], role="query")) == 1
        with pytest.raises(LockedError):
            Vectors(Counting(), tmp_path).encode(["haciz"], role="query")


def test_without_a_folder_nothing_is_kept(tmp_path: Path) -> None:
    encoder = Counting()
    vectors = Vectors(encoder, None)
    assert vectors.encode([], role="query").shape == (0, 8)
    vectors.encode(["kira"], role="query")
    vectors.encode(["kira"], role="query")
    assert len(encoder.asked) == 2
    assert vectors.embedding_seconds > 0
