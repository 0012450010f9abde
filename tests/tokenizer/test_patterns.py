"""How texts become words: by Python and by the tokenizer alike."""

import sys
import unicodedata
from itertools import islice

import pytest
from tokenizers import Tokenizer, models

from mecelle.base.collection import read_jsonl
from mecelle.base.errors import ConfigError
from mecelle.tokenizer.patterns import BOUNDARY, PATTERNS, get_pattern
from mecelle.tokenizer.train.bpe import written

HARD = [
    "TBK’nın 49. mad\u00addesi",
    "I\u0307stanbul i\u0307\u015f IĞDIR ığdır İİK'NIN",
    "hâlâ kâr mahkûmiyet resmî",
    "“Yargıtay” «ilamı» ''aynen''",
    "\u00a010.02.2019\u2009\u200btarih\tve\r\nE. 2019/1234",
    "karar\u200e \u202akira\u202c ka\u2060r a\x07b kira\x1ckarar c\x00",
    "g\u0306 u\u0308 s\u0327 c\u0327 NFD",
    "'davacı' 'davacı'nın 5'inci,\n\n  \n (davalı)...\n x  y \t z\n",
    "Ⅷ. ½ m² %1,8 §5 €3 🙂👍 東京 don't We'll _a_b",
]
SPLITS = {
    "E. 2019/1234": {
        "bert.v1": "E|.|2019|/|1234",
        "digits.v1": "E|.|2019|/|1234", "gpt2.v1": "E|.| 2019|/|1234", "llama.v1": "E|.| |201|9|/|123|4",
        "legal.v1": "E|.| 2|0|1|9|/|1|2|3|4", "whitespace.v1": "E.|2019/1234",
    },
    "md. 49/2": {
        "bert.v1": "md|.|49|/|2",
        "digits.v1": "md|.|49|/|2", "gpt2.v1": "md|.| 49|/|2", "llama.v1": "md|.| |49|/|2",
        "legal.v1": "md|.| 4|9|/|2", "whitespace.v1": "md.|49/2",
    },
    "%1,8": {
        "bert.v1": "%|1|,|8",
        "digits.v1": "%|1|,|8", "gpt2.v1": "%|1|,|8", "llama.v1": "%|1|,|8", "legal.v1": "%|1|,|8",
        "whitespace.v1": "%1,8",
    },
    "10.02.2019": {
        "bert.v1": "10|.|02|.|2019",
        "digits.v1": "10|.|02|.|2019", "gpt2.v1": "10|.|02|.|2019", "llama.v1": "10|.|02|.|201|9",
        "legal.v1": "1|0|.|0|2|.|2|0|1|9", "whitespace.v1": "10.02.2019",
    },
    "Ankara'da": {
        "bert.v1": "Ankara|'|da",
        "digits.v1": "Ankara|'|da", "gpt2.v1": "Ankara|'d|a", "llama.v1": "Ankara|'d|a", "legal.v1": "Ankara|'da",
        "whitespace.v1": "Ankara'da",
    },
    "(davacı": {
        "bert.v1": "(|davacı",
        "digits.v1": "(|davacı", "gpt2.v1": "(|davacı", "llama.v1": "(davacı", "legal.v1": "(|davacı",
        "whitespace.v1": "(davacı",
    },
}  # fmt: skip


def words_of_tokenizer(name: str, text: str) -> list[str]:
    pattern = PATTERNS[name]
    cut = pattern.pre_tokenizer().pre_tokenize_str(pattern.normalizer().normalize_str(text))
    return [word for word, _ in cut]


def as_written(name: str, words: list[str]) -> list[str]:
    return [written(word) for word in words] if PATTERNS[name].keeps_spaces else words


@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.parametrize("text", SPLITS)
def test_numbers_suffixes_and_marks(name, text):
    assert get_pattern(name).find(text) == SPLITS[text][name].split("|")


@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.parametrize("text", HARD)
def test_python_and_tokenizer_agree(name, text):
    pattern = PATTERNS[name]
    words = pattern.find(pattern.clean(text))
    assert as_written(name, words) == words_of_tokenizer(name, text) == words_of_tokenizer(name, pattern.clean(text))
    if pattern.keeps_spaces:
        assert "".join(words) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.parametrize("text", HARD)
def test_cells_are_cut_alone_as_in_their_text(name, text):
    pattern = PATTERNS[name]
    clean = pattern.clean(text)
    assert pattern.normalize(text) == pattern.normalizer().normalize_str(text)
    assert [word for cell in pattern.find_cells(clean) for word in pattern.find(cell)] == pattern.find(clean)


@pytest.mark.parametrize("name", PATTERNS)
def test_every_character(name):
    """Between a letter and a digit, so that every class of the pattern meets it. Unassigned ones may differ.

    Of the ideographs and what follows them, every seventeenth.
    """
    codes = [*range(0x3400), *range(0x3400, sys.maxunicode + 1, 17)]
    characters = [c for c in map(chr, codes) if unicodedata.category(c) not in ("Cn", "Cs")]
    pattern = PATTERNS[name]
    for start in range(0, len(characters), 20_000):
        text = "".join(f"a{c}1{c}" for c in characters[start : start + 20_000])
        assert as_written(name, pattern.find(text)) == [w for w, _ in pattern.pre_tokenizer().pre_tokenize_str(text)]


@pytest.mark.real_data
@pytest.mark.parametrize("name", PATTERNS)
def test_real_texts(real_data, name):
    pattern = PATTERNS[name]
    files = ("legal/decisions", "legal/dictionary", "general/classification_reviews_mixed")
    for file in files:
        for row in islice(read_jsonl(real_data / f"{file}.jsonl.gz"), 60):
            text = str(row.get("text") or row.get("definition") or "")
            clean = pattern.clean(text)
            words = pattern.find(clean)
            assert as_written(name, words) == words_of_tokenizer(name, text)
            assert pattern.normalize(text) == pattern.normalizer().normalize_str(text)
            assert [word for cell in pattern.find_cells(clean) for word in pattern.find(cell)] == words


def test_turkish_letters_stay():
    for name in PATTERNS:
        words = [word.strip() for word in get_pattern(name).find("Iğdır İcra ÇĞİÖŞÜçğıöşü hâlâ")]
        assert [word for word in words if word] == ["Iğdır", "İcra", "ÇĞİÖŞÜçğıöşü", "hâlâ"]


def test_marks_of_different_keyboards_meet():
    assert words_of_tokenizer("digits.v1", "TBK’nın “x” i\u0307") == ["TBK", "'", "nın", '"', "x", '"', "i"]
    assert words_of_tokenizer("digits.v1", f"a{BOUNDARY}b") == ["a", BOUNDARY, "b"]  # shows as unknown


def test_offsets_point_into_the_text_as_given():
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    pattern = get_pattern("digits.v1")
    tokenizer.normalizer, tokenizer.pre_tokenizer = pattern.normalizer(), pattern.pre_tokenizer()
    text = "mad\u00adde ''x'' I\u0307s"
    spans = [text[left:right] for left, right in tokenizer.encode(text).offsets]
    assert spans[0] == "mad\u00adde"
    assert "x" in spans
    assert spans[-1].startswith("I")


def test_unknown_name():
    with pytest.raises(ConfigError, match=r"'lama\.v1' is not registered; did you mean 'llama\.v1'"):
        get_pattern("lama.v1")
