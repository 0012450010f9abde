"""`mecelle decoder ...` as a user types it: what it refuses before anything is loaded."""

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from typer.testing import Result

from mecelle.base.collection import write_documents
from mecelle.base.document import Document


@pytest.fixture
def text(tmp_path: Path) -> Path:
    documents = [
        Document(text=f"Sentence {n} in English. " * 20, id=f"e{n}", metadata={"lang": "en"}) for n in range(20)
    ]
    write_documents(documents, tmp_path / "in")
    return tmp_path / "in"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--phases", "2"), "give one with --curriculum"),
        (("--set", "curriculum.total=5"), "give one with --curriculum"),
        ((), "a new model needs a tokenizer"),
        (("--tokenizer", "t", "--curriculum", "laptp"), "did you mean 'laptop'"),
        (("--tokenizer", "t", "--curriculum", "laptop", "--phases", "9"), "a number from 1 to 4"),
        (("--tokenizer", "t", "--curriculum", "laptop", "--set", "curriculum.totl=5"), "did you mean 'total'"),
        (("--tokenizer", "t", "--set", "learning_rat=5"), "did you mean 'learning_rate'"),
    ],
)
def test_what_pretrain_refuses(
    mecelle: Callable[..., Result], text: Path, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    ended = mecelle("decoder", "pretrain", text, "--out", tmp_path / "out", "--work", tmp_path / "work", *words, code=2)
    assert told in ended.output


def test_holdout_tells_what_it_took(mecelle: Callable[..., Result], text: Path, tmp_path: Path) -> None:
    words = ("--set", "documents=3", "--set", "most_share=0.5")
    ended = mecelle("decoder", "holdout", text, "--out", tmp_path / "panel", *words)
    told = orjson.loads(ended.stdout.splitlines()[-1])
    assert told["accounts"]["dropped"]["held_out"] == 6
    rows = (tmp_path / "panel" / "heldout.jsonl").read_bytes().splitlines()
    assert [orjson.loads(row)["domain"] for row in rows] == ["english"] * 6


def test_perplexity_wants_a_panel_and_its_sides(mecelle: Callable[..., Result], text: Path, tmp_path: Path) -> None:
    words = ("decoder", "perplexity", "a=model", "--out", tmp_path / "r", "--panel")
    assert "no such file" in mecelle(*words, tmp_path / "none", code=2).output
    mecelle("decoder", "holdout", text, "--out", tmp_path / "panel")
    assert "nothing on the side 'train'" in mecelle(*words, tmp_path / "panel", "--side", "train", code=2).output


def test_a_study_of_another_kind_is_told(mecelle: Callable[..., Result], text: Path, tmp_path: Path) -> None:
    words = ("--panel", tmp_path, "--out", tmp_path / "s", "--work", tmp_path / "w", "--initial", "base=model")
    assert "did you mean 'shares'" in mecelle("decoder", "study", "share", text, *words, code=2).output


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("--judge", "j"), "--judge, --questions and --set generation.KEY go together"),
        (("--set", "generation.contexts=[5]"), "go together; give the first two"),
        (("--judge", "j", "--questions", "none.jsonl"), "none.jsonl: no such file"),
        (("--judge", "j", "--questions", "{text}", "--set", "generation.context=5"), "did you mean 'contexts'"),
        (("--set", "perplexity.document=5"), "did you mean 'documents'"),
    ],
)
def test_a_study_tells_what_is_wrong_before_it_trains(
    mecelle: Callable[..., Result], text: Path, tmp_path: Path, asked: tuple[str, ...], told: str
) -> None:
    words = ("--panel", tmp_path, "--out", tmp_path / "s", "--work", tmp_path / "w", "--initial", "base=model")
    given = tuple(one.format(text=text) for one in asked)
    ended = mecelle("decoder", "study", "shares", text, *words, "--values", "0.3", *given, code=2)
    assert told in " ".join(ended.output.split())
    assert not (tmp_path / "w").exists()
