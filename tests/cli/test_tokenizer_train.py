"""`mecelle tokenizer train`: presets, what it tells, what it refuses."""

import orjson
import pytest
from typer.testing import CliRunner

from mecelle.base.collection import write_documents
from mecelle.base.document import make_document
from mecelle.cli.tokenizer import app


@pytest.fixture
def corpus(tmp_path):
    texts = ["Kiracının istinaf başvurusu reddedildi, karar kesindir.", "s\u0327u\u0308phesiz istinaf"]
    documents = (make_document(texts[number % 2], kind="decision", source=str(number)) for number in range(20))
    write_documents(documents, tmp_path / "corpus" / "documents")
    return tmp_path / "corpus"


def run(*arguments: object):
    return CliRunner().invoke(app, ["train", *map(str, arguments)])


def test_what_a_person_and_a_program_are_told(corpus, tmp_path):
    (tmp_path / "terms.txt").write_text("İstinaf\nAcele itiraz\n")
    done = run(
        corpus, "--out", tmp_path / "out", "--preset", "mecellem", "--set", "vocab_size=400", "--terms",
        tmp_path / "terms.txt",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    summary = orjson.loads(done.stdout.splitlines()[-1])
    assert (summary["seeds"]["kept"], summary["seeds"]["dropped"]) == (1, {"several_words": 1})
    assert summary["measured"]["unknown"] == 0
    assert "1 terms kept (3 tokens;" in done.stderr
    assert "Warning: 10 documents came with decomposed letters" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--preset", "hukukbrt"], "did you mean 'hukukbert'"),
        (["--set", "pattern=lama.v1"], "did you mean 'llama.v1'"),
        (["--set", "family=gpt"], "model family 'gpt' is not known"),
        (["--set", "vocab_size=50"], "the alphabet of this corpus takes"),
        (["--set", "algorithm=bpe.v1", "--set", "vocab_size=50"], "256 bytes"),
        (["--set", "algorithm=bpe.v1", "--set", "pattern=digits.v1"], "loses spaces"),
        (["--set", "weights.X=1"], "unknown key"),
        (["--terms", "absent.txt"], "no such file of seed terms"),
    ],
)
def test_what_cannot_be_done(corpus, tmp_path, arguments, message):
    done = run(corpus, "--out", tmp_path / "out", *arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "out.partial").exists()
