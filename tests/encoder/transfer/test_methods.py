"""Each method fills a new token with what it promises."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mecelle.base.errors import ConfigError, InputError
from mecelle.encoder.transfer.auxiliary import AuxiliaryConfig, static_vectors
from mecelle.encoder.transfer.matching import NONE, Form, match, read_entries
from mecelle.encoder.transfer.methods import METHODS, Task
from mecelle.encoder.transfer.methods.focus import sparsemax
from mecelle.encoder.transfer.methods.subtoken import pieces

QUICK = AuxiliaryConfig(dimensions=16, epochs=20, least_count=1)


def make_task(old: Any, new: Any, texts: list[str] | None = None) -> Task:
    origins = match(old, new)
    return Task(
        table=np.random.default_rng(0).normal(2, 1, (len(old), 5)).astype(np.float32),
        origins=origins,
        wanted=np.flatnonzero(origins == NONE),
        old=old,
        new=new,
        texts=texts or [],
        auxiliary=QUICK,
    )


@pytest.fixture
def task(build: Any) -> Task:
    old = build.wordpiece(["alacak", "##lı", "dava", "##cı", "ev", "lı"])
    return make_task(old, build.wordpiece(["alacak", "alacaklı", "##cılı", "davacı", "xyz"]))


def test_all_methods_are_registered_and_deterministic(task: Task) -> None:
    assert METHODS.names() == ["focus.v1", "mean.v1", "random.v1", "subtoken.v1"]
    with pytest.raises(ConfigError, match=r"did you mean 'mean.v1'"):
        METHODS.get("mean")
    for name in ("mean.v1", "random.v1", "subtoken.v1"):
        rows = [METHODS.get(name)(task, seed=seed).rows for seed in (1, 1, 2)]
        assert rows[0].shape == (4, 5)
        assert np.array_equal(rows[0], rows[1])
        assert np.array_equal(rows[0], rows[2]) == (name != "random.v1")


def test_mean_is_over_the_whole_old_vocabulary(task: Task) -> None:
    filled = METHODS.get("mean.v1")(task, seed=0)
    np.testing.assert_allclose(filled.rows, np.tile(task.table.mean(0), (4, 1)), rtol=1e-6)
    assert filled.ways == ["mean"] * 4


def test_random_has_the_spread_of_the_old_rows(build: Any) -> None:
    task = make_task(build.wordpiece(["a", "b", "c"]), build.wordpiece([f"x{number}" for number in range(4000)]))
    rows = METHODS.get("random.v1")(task, seed=0).rows
    np.testing.assert_allclose(rows.mean(0), task.table.mean(0), atol=0.1)
    np.testing.assert_allclose(rows.std(0), task.table.std(0), rtol=0.1)


def test_subtoken_is_the_mean_of_the_old_pieces_in_their_place(task: Task) -> None:
    filled = METHODS.get("subtoken.v1")(task, seed=0)
    row = dict(zip(task.old.convert_ids_to_tokens(range(len(task.old))), task.table, strict=True))
    wanted = [row["alacak"] + row["##lı"], row["##cı"] + row["##lı"], row["dava"] + row["##cı"]]
    np.testing.assert_allclose(filled.rows[:3], np.array(wanted) / 2, rtol=1e-5)
    np.testing.assert_allclose(filled.rows[3], task.table.mean(0), rtol=1e-5)
    assert filled.ways == ["old pieces"] * 3 + ["mean"]


@pytest.mark.parametrize(
    ("maker", "words", "begins", "inside"),
    [
        ("wordpiece", ["kira", "##lık", "##kira"], ["kira", "##lık"], ["##kira", "##lık"]),
        ("bpe", [" kira", "kira", "lik"], ["Ġkira", "lik"], ["kira", "lik"]),
        ("unigram", ["▁kira", "kira", "lık"], ["▁kira", "lık"], ["kira", "lık"]),
    ],
)
def test_pieces_depend_on_the_place(
    build: Any, maker: str, words: list[str], begins: list[str], inside: list[str]
) -> None:
    tokenizer = getattr(build, maker)(words)
    text = "kiralik" if maker == "bpe" else "kiralık"
    for form, wanted in ((Form(text, True), begins), (Form(text, False), inside)):
        assert tokenizer.convert_ids_to_tokens(pieces(tokenizer, read_entries(tokenizer), form)) == wanted


def test_sparsemax_is_the_nearest_point_of_the_simplex() -> None:
    scores = np.random.default_rng(0).normal(0, 1, (20, 7)).astype(np.float32)
    weights = sparsemax(scores)
    np.testing.assert_allclose(weights.sum(1), 1, atol=1e-5)
    assert (weights >= 0).all()
    assert (weights == 0).any()
    others = np.random.default_rng(1).dirichlet(np.ones(7), 5000)
    distances = ((others[None] - scores[:, None]) ** 2).sum(-1).min(1)
    assert (((weights - scores) ** 2).sum(-1) <= distances + 1e-6).all()


TEXTS = [
    f"{verb} {noun} {verb} {noun}"
    for noun, verb in (
        ("alacak", "ödendi"),
        ("borç", "ödendi"),
        ("kira", "ödendi"),
        ("dava", "açıldı"),
        ("suç", "açıldı"),
    )
] * 30


def test_focus_mixes_known_tokens_of_like_use(build: Any) -> None:
    known = ["alacak", "kira", "dava", "suç", "ödendi", "açıldı"]
    task = make_task(build.wordpiece(known), build.wordpiece([*known, "borç", "yok"]), TEXTS)
    filled = METHODS.get("focus.v1")(task, seed=0)
    assert filled.ways == ["similar tokens", "drawn"]
    # A row of the mixture is inside the hull of the known rows.
    anchors = task.table[task.origins[task.origins != NONE]]
    assert (filled.rows[0] <= anchors.max(0)).all()
    assert (filled.rows[0] >= anchors.min(0)).all()
    assert np.array_equal(filled.rows, METHODS.get("focus.v1")(task, seed=0).rows)


def test_static_vectors_are_near_for_tokens_of_like_use(build: Any) -> None:
    tokenizer = build.wordpiece(["alacak", "kira", "dava", "suç", "ödendi", "açıldı", "borç", "yok"])
    unit, known = static_vectors(tokenizer, TEXTS, QUICK, seed=1)
    place = tokenizer.convert_tokens_to_ids
    assert not known[place("yok")]
    np.testing.assert_allclose(np.linalg.norm(unit[known], axis=1), 1, rtol=1e-5)
    likeness = unit @ unit[place("borç")]
    assert likeness[place("kira")] > likeness[place("suç")]


def test_focus_with_hardly_any_text_is_told(task: Task) -> None:
    rare = replace(task, texts=["dava ev"], auxiliary=AuxiliaryConfig(least_count=3))
    with pytest.raises(InputError, match="no token stands 3 times"):
        METHODS.get("focus.v1")(rare, seed=0)


def test_focus_without_text_is_told(task: Task) -> None:
    with pytest.raises(InputError, match="name the training"):
        METHODS.get("focus.v1")(task, seed=0)
