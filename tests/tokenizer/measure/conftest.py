"""Small tokenizers of each kind, made by hand, and files to measure them on."""

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from mecelle.tokenizer.measure.subwords import FastTokenizer


@pytest.fixture
def wordpiece() -> Tokenizer:
    """Knows kira, ##cı, öde, ##di and the full stop."""
    vocabulary = {"[UNK]": 0, "kira": 1, "##cı": 2, "öde": 3, "##di": 4, ".": 5}
    result = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    result.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    result.decoder = decoders.WordPiece(cleanup=False)
    return result


@pytest.fixture
def byte_level() -> Tokenizer:
    """All bytes, and " kira" and " kiracı" as whole words."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    steps = [("Ġ", "k"), ("Ġk", "i"), ("Ġki", "r"), ("Ġkir", "a"), ("Ġkira", "c"), ("Ä", "±"), ("Ġkirac", "Ä±")]
    entries = [*alphabet, *("".join(step) for step in steps)]
    result = Tokenizer(models.BPE({entry: place for place, entry in enumerate(entries)}, steps))
    result.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    result.decoder = decoders.ByteLevel()
    return result


class Letters:
    """A `SubwordTokenizer` with a token for every so many characters: its figures are known beforehand."""

    def __init__(self, characters: int = 1) -> None:
        self.characters, self.vocabulary, self.unknown = characters, 128, None

    def encode(self, texts):
        from mecelle.tokenizer.measure.subwords import Encoded

        step = self.characters
        spans = [[(place, min(place + step, len(text))) for place in range(0, len(text), step)] for text in texts]
        return [Encoded([ord(text[low]) % 128 for low, _ in one], one) for text, one in zip(texts, spans, strict=True)]

    def encode_ids(self, texts):
        return [one.ids for one in self.encode(texts)]

    def decode(self, ids):
        return ["".join(map(chr, one)) for one in ids]

    def texts(self):
        return [chr(place) for place in range(128)]

    def readable(self, identity):
        return chr(identity)


@pytest.fixture
def letters():
    return Letters


@pytest.fixture
def files(tmp_path, wordpiece, byte_level):
    """wordpiece.json, bytes.json, texts.txt, terms.txt in one folder."""
    wordpiece.save(str(tmp_path / "wordpiece.json"))
    byte_level.save(str(tmp_path / "bytes.json"))
    (tmp_path / "texts.txt").write_text("kiracı ödedi.\nkira kiracı\n\nBu kiracı ödedi\n" * 5, encoding="utf-8")
    (tmp_path / "terms.txt").write_text("kira\nkiracı\nkira öde\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def fast(wordpiece) -> FastTokenizer:
    return FastTokenizer(wordpiece)
