"""SentencePiece models, trained here on a few words."""

import pytest

from mecelle.base.errors import ArtifactError
from mecelle.tokenizer.measure.counts import count
from mecelle.tokenizer.measure.places import Place, load
from mecelle.tokenizer.measure.texts import lines_of


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    library = pytest.importorskip("sentencepiece")
    folder = tmp_path_factory.mktemp("spm")
    lines = ["kiracı kirayı ödedi", "kiracı ödedi", "kira ödendi", "dava açtı kiracı"] * 20
    library.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_prefix=str(folder / "m"), vocab_size=20, minloglevel=2
    )
    return folder / "m.model"


def test_pieces_offsets_and_unknowns(model):
    tokenizer, digest = load(Place("spm", str(model)))
    assert digest is not None
    text = "kiracı ödedi Ğ"
    (encoded,) = tokenizer.encode([text])
    assert tokenizer.encode_ids([text]) == [encoded.ids]
    assert encoded.offsets[0][0] == 0
    assert encoded.offsets[-1][1] == len(text)  # in characters, not bytes
    assert encoded.ids[-1] == tokenizer.unknown
    counts = count(tokenizer, [lines_of("kiracı ödedi"), lines_of(text)])
    assert (counts.total("unknown"), counts.total("unknown_characters"), counts.total("exact")) == (1, 1, 1)


def test_entries(model):
    tokenizer, _ = load(Place("spm", str(model)))
    texts = tokenizer.texts()
    assert len(texts) == tokenizer.vocabulary == 20
    assert texts[:3] == [None, None, None]  # unknown, start, end
    assert any(tokenizer.readable(place) == "▁" + text for place, text in enumerate(texts) if text)


def test_a_file_that_is_none(tmp_path):
    pytest.importorskip("sentencepiece")
    (tmp_path / "tokenizer.model").write_bytes(b"nothing of the kind")
    with pytest.raises(ArtifactError, match="not a SentencePiece model"):
        load(Place("spm", str(tmp_path)))
