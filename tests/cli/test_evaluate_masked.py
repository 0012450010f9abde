"""`mecelle evaluate cloze`, `mlm` and `perplexity`: what they print, and what they refuse."""

from pathlib import Path

import numpy as np
import orjson
import pytest
from typer.testing import CliRunner

from mecelle.base.protocols import OptionScores, SpanHits, TextScores
from mecelle.cli.main import app
from mecelle.evaluation.record import read
from mecelle.models import language


class Fair:
    """A masked model that prefers the first option and predicts every token."""

    name, fingerprint, cased, likelihood = "fair", "a" * 32, True, "pseudo-likelihood"
    folder = Path("fair")

    def score_options(self, sentences, options, *, scoring, placing):
        return [OptionScores(-np.arange(len(own), dtype=float), np.ones(len(own))) for own in options]

    def predict_spans(self, texts, spans, fates, *, k, seed):
        return [SpanHits(*np.ones((3, len(own)), dtype=np.int64)) for own in spans]

    def token_spans(self, text):
        return [(0, 1), (1, 2)]

    def fill(self, sentence, *, k):
        return [("tereke", 1.0)]

    def score_texts(self, texts, *, context, stride=None):
        return TextScores(*np.ones((3, len(texts))))


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setattr(language, "load_language_model", lambda *_, **__: Fair())

    def invoke(*words: object):
        return CliRunner().invoke(app, ["evaluate", *map(str, words)])

    return invoke


@pytest.fixture
def items(tmp_path) -> Path:
    path = tmp_path / "items.jsonl"
    rows = [{"id": n, "sentence": "a [MASK].", "options": ["b", "c"], "gold": "bc"[n % 2]} for n in range(4)]
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in [*rows, {"id": 9, "sentence": "no place"}]))
    return path


def test_cloze_tells_every_way_and_every_pair(run, items, tmp_path):
    found = run("cloze", "one=x", "two=y", "--items", items, "--out", tmp_path / "r")
    assert found.exit_code == 0, found.output
    told = orjson.loads(found.stdout)
    accuracies, _groups, ways, models, words = told["tables"]
    assert len(accuracies["rows"]) == 24
    assert accuracies["rows"][0]["top1 (Wilson)"].startswith(".500 [")
    assert len(ways["rows"]) == 22
    assert models["rows"] == [
        {
            "model": "one",
            "against": "two",
            "difference": "+0.000",
            "only it": 0,
            "only the other": 0,
            "p": "1",
            "p (Holm)": "1",
        }
    ]
    assert len(words["rows"]) == 24
    assert told["accounts"] == "5 items: 4 kept, 1 failed (no_sentence_or_gold 1)"
    assert {one.task for one in read(tmp_path / "r")} == {"cloze.v1", "free-vocabulary.v1"}


@pytest.mark.parametrize(("command", "records"), [("mlm", 2), ("perplexity", 2)])
def test_texts_of_ones_own(run, tmp_path, command, records):
    texts = tmp_path / "t.jsonl"
    texts.write_bytes(b"".join(orjson.dumps({"id": n, "text": "kira dava " * 60}) + b"\n" for n in range(3)))
    found = run(command, "one=x", "--texts", f"tax={texts}", "--out", tmp_path / "r", "--seed", 3)
    assert found.exit_code == 0, found.output
    (table,) = orjson.loads(found.stdout)["tables"]
    assert len(table["rows"]) == records
    assert not [name for row in table["rows"] for name in row if name.endswith(".untouched")], "nothing was searched"
    assert [one.seed for one in read(tmp_path / "r")] == [3] * records


@pytest.mark.parametrize(
    ("words", "told"),
    [(("--side", "train"), "allowed are development and test"), (("--texts", "own.jsonl"), "expected DOMAIN=FILE")],
)
def test_refusals(run, tmp_path, words, told):
    found = run("mlm", "one=x", "--out", tmp_path / "r", *words)
    assert found.exit_code == 2
    assert told in found.output
