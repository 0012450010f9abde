"""Training a Unigram model: pieces, seeds, offsets, unknowns, bytes."""

import hashlib
import os
import subprocess
import sys
from collections import Counter

import pytest
from tests.tokenizer.conftest import SENTENCES
from tokenizers import Tokenizer, models

from mecelle.base.errors import ConfigError
from mecelle.tokenizer.alphabet import ALWAYS
from mecelle.tokenizer.families import get_family
from mecelle.tokenizer.patterns import BOUNDARY, get_pattern
from mecelle.tokenizer.seeding import forms, verify
from mecelle.tokenizer.train import ALGORITHMS
from mecelle.tokenizer.train.unigram import SPACE, _with_seeds

TERMS = ["istinaf", "ıslah", "ibra", "müddeiumumi", "hâkim", "kefil"]
SEEDS = [form for term in TERMS for form in forms(term)]
HARD = [
    "İSTANBUL 4. İCRA MÜDÜRLÜĞÜ'NÜN 2019/1234 E. sayılı dosyası",
    "Iğdır ılıca; ısı, IŞIK işçi İŞÇİ hâlâ mahkûm, kâr/zarar %1,8 §5",
    "10.02.2019 tarihli [TCKN] x [E-POSTA]",
]


def words_of(pattern, texts=SENTENCES * 5):
    return dict(sorted(Counter(word for text in texts for word in get_pattern(pattern).find(text)).items()))


def learn(words=None, *, algorithm="unigram.v1", pattern="digits.v1", family="modernbert", **changes):
    settings = {"vocab_size": 450, "seeds": SEEDS, "alphabet": sorted(ALWAYS), "least_pair_count": 2}
    return ALGORITHMS.get(algorithm)(
        words or words_of(pattern), pattern=get_pattern(pattern), family=get_family(family), **(settings | changes)
    )


@pytest.fixture(scope="module")
def tokenizer():
    return learn()


def cut(tokenizer, text):
    return tokenizer.encode(text, add_special_tokens=False).tokens


def test_size_and_special_tokens(tokenizer):
    specials = get_family("modernbert").specials
    assert tokenizer.get_vocab_size() <= 450
    assert tuple(tokenizer.id_to_token(n) for n in range(len(specials))) == specials
    assert tokenizer.encode("kira", "karar").tokens == ["[CLS]", "▁kira", "[SEP]", "▁karar", "[SEP]"]


@pytest.mark.parametrize("pattern", ["digits.v1", "legal.v1", "llama.v1"])
def test_seeds_are_one_token_everywhere(pattern):
    assert verify(learn(pattern=pattern), SEEDS) == []


def test_seeds_are_needed():
    assert {one.seed for one in verify(learn(seeds=[]), SEEDS)} >= {"müddeiumumi", "MÜDDEİUMUMİ"}


def test_a_seed_that_begins_another_seed():
    seeds = ["ibra", "ibraname", "ibranamesi", "ibranamesiz" * 3]
    assert verify(learn(seeds=seeds), seeds) == []


def test_a_seed_takes_nothing_from_a_word_that_is_better_cut_inside_it():
    learned = {"▁": -5.0, "▁a": -1.0, "a": -4.0, "b": -1.0, "c": -1.2, "bc": -1.5, "d": -3.0}
    scores = _with_seeds(learned, ("▁", "a", "b", "c", "d"), ["▁ab"], 20)
    model = Tokenizer(models.Unigram(list(scores.items()), unk_id=0))
    assert model.encode("▁ab").tokens == ["▁ab"]
    assert model.encode("▁abd").tokens == ["▁ab", "d"]  # ▁a b d without the seed
    assert model.encode("▁abc").tokens == ["▁a", "bc"]


def test_no_piece_crosses_a_boundary():
    words = {"kira" + BOUNDARY + "lar": 50, "kira" + BOUNDARY + "lık": 50, "para" + BOUNDARY + "lar": 50}
    pieces = learn(words, seeds=[], vocab_size=400).get_vocab()
    assert "▁kira" in pieces
    assert "lar" in pieces
    plain = learn({word.replace(BOUNDARY, ""): count for word, count in words.items()}, seeds=[], vocab_size=400)
    assert any(piece.endswith("alar") for piece in plain.get_vocab())
    assert not any(piece.endswith(("al", "ala", "alar", "alı", "alık")) for piece in pieces)


def test_counts_weigh():
    letters = ["xqxq", "wqwq"]
    heavy = learn({letters[0]: 9_000, letters[1]: 2}, seeds=[], vocab_size=200).model
    light = learn({letters[0]: 2, letters[1]: 9_000}, seeds=[], vocab_size=200).model
    assert heavy.__getstate__() != light.__getstate__()


@pytest.mark.parametrize("pattern", ["digits.v1", "legal.v1"])
@pytest.mark.parametrize("text", HARD)
def test_offsets_point_into_the_text(pattern, text):
    encoding = learn(pattern=pattern).encode(text, add_special_tokens=False)
    assert "[UNK]" not in encoding.tokens
    for token, (left, right) in zip(encoding.tokens, encoding.offsets, strict=True):
        # A SPACE that nobody wrote, before a word whose first letters are no piece with it, points to the letter.
        assert token == SPACE or text[left:right].strip() == token.replace(SPACE, "").strip()


def test_text_comes_back_where_the_pattern_keeps_spaces():
    tokenizer = learn(pattern="legal.v1")
    for text in (*HARD, "İki satır\n\n\tve  iki boşluk"):
        assert tokenizer.decode(tokenizer.encode(text, add_special_tokens=False).ids) == text


def test_only_the_unknown_character_is_unknown(tokenizer):
    assert cut(tokenizer, "kira 東 karar").count("[UNK]") + cut(tokenizer, "kira 東 karar").count("東") == 1
    ids = tokenizer.encode("kira東", add_special_tokens=False).ids
    assert ids[-1] == tokenizer.token_to_id("[UNK]")


@pytest.mark.parametrize(("algorithm", "family"), [("unigram_bytes.v1", "modernbert"), ("unigram.v1", "qwen3")])
def test_bytes_write_what_has_no_piece(algorithm, family):
    tokenizer = learn(algorithm=algorithm, family=family, pattern="legal.v1", vocab_size=800)
    encoding = tokenizer.encode("kira 東", add_special_tokens=False)
    assert encoding.tokens[-3:] == ["<0xE6>", "<0x9D>", "<0xB1>"]
    assert tokenizer.decode(encoding.ids) == "kira 東"


def test_vocabulary_smaller_than_its_alphabet():
    with pytest.raises(ConfigError, match=r"vocabulary of 150 tokens: the alphabet of this corpus takes \d+"):
        learn(vocab_size=150)


def test_seeds_do_not_need_a_corpus():
    assert verify(learn({"1": 5}), SEEDS) == []


def test_loads_in_transformers(tmp_path, tokenizer):
    transformers = pytest.importorskip("transformers")
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    loaded = transformers.PreTrainedTokenizerFast(tokenizer_file=str(tmp_path / "tokenizer.json"))
    assert loaded(HARD[0])["input_ids"] == tokenizer.encode(HARD[0]).ids


def test_same_bytes_in_other_processes(repository, tokenizer):
    code = (
        "import hashlib, sys; from tests.tokenizer.train.test_unigram import learn;"
        "sys.stdout.write(hashlib.sha256(learn().to_str().encode()).hexdigest())"
    )
    ours = hashlib.sha256(tokenizer.to_str().encode()).hexdigest()
    for threads in ("1", "2"):
        environment = {**os.environ, "RAYON_NUM_THREADS": threads, "PYTHONPATH": str(repository)}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert done.stdout == ours


@pytest.mark.parametrize("pattern", ["legal.v1", "llama.v1", "gpt2.v1"])
def test_lines_and_tabs_teach_nothing_and_come_back(pattern):
    text = "\n\n".join(SENTENCES) + "\n\tkarar\r\n\u00a0kira  x\n"
    tokenizer = learn(words_of(pattern, [text] * 5), pattern=pattern)
    assert tokenizer.decode(tokenizer.encode(text, add_special_tokens=False).ids) == text
    assert verify(tokenizer, SEEDS) == []


def test_numbers_keep_their_ends(tokenizer):
    assert cut(tokenizer, "12") == ["▁1", "2"]
    assert cut(tokenizer, "1 2") == ["▁1", "▁2"]
    assert not [piece for piece in tokenizer.get_vocab() if sum(character.isdigit() for character in piece) > 1]
