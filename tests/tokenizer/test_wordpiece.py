"""Training WordPiece: pieces, seeds, offsets, bytes."""

import hashlib
import os
import subprocess
import sys
from collections import Counter

import pytest
from tests.tokenizer.conftest import SENTENCES, count

from mecelle.base.errors import ConfigError
from mecelle.text import casing
from mecelle.tokenizer.alphabet import ALWAYS, choose_alphabet, count_characters
from mecelle.tokenizer.families import TAG_TOKENS, get_family
from mecelle.tokenizer.normalization import clean
from mecelle.tokenizer.patterns import BOUNDARY, get_pattern
from mecelle.tokenizer.seeding import forms
from mecelle.tokenizer.train import ALGORITHMS

TERMS = ["istinaf", "ıslah", "ibra", "müddeiumumi", "hâkim", "çekişme"]
SEEDS = [form for term in TERMS for form in forms(term)]

HARD = [
    "İSTANBUL 4. İCRA MÜDÜRLÜĞÜ'NÜN 2019/1234 E. sayılı dosyası",
    "Iğdır ılıca; ısı, IŞIK — işçi “İŞÇİ” hâlâ mahkûm, kâr/zarar %1,8 §5",
    "mad\u00addesi i\u0307stinaf I\u0307stinaf TBK’nın",
    "s\u0327ahit c\u0327i\u0307\u011fdem o\u0308deme",
    "10.02.2019\u00a0tarihli [TCKN] x [E-POSTA]",
]


def learn(texts, **changes):
    settings = {"vocab_size": 450, "seeds": SEEDS, "alphabet": sorted(ALWAYS), "least_pair_count": 2}
    settings |= {"pattern": get_pattern("digits.v1"), "family": get_family("modernbert")}
    settings |= changes
    return ALGORITHMS.get("wordpiece.v1")(count(texts, settings["pattern"].name), **settings)


@pytest.fixture(scope="module")
def tokenizer(texts):
    return learn(texts)


def test_special_tokens_come_first_and_size_is_kept(tokenizer):
    assert [tokenizer.id_to_token(i) for i in range(5)] == ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"]
    assert tokenizer.get_vocab_size() == 450
    assert sorted(tokenizer.get_vocab().values()) == list(range(450))


@pytest.mark.parametrize("form", SEEDS)
def test_seed_is_one_token_alone_and_in_context(tokenizer, form):
    assert tokenizer.encode(form, add_special_tokens=False).tokens == [form]
    for context in ("Kiracı {} sonrası", "({}),", "“{}’nın” 12", "{}2019", "\n{}\n"):
        assert form in tokenizer.encode(context.format(form)).tokens


def test_seeds_are_needed(texts):
    plain = learn(texts, seeds=[])
    assert len(plain.encode("MÜDDEİUMUMİ", add_special_tokens=False).tokens) > 1


def test_frequent_words_are_learned_whole(tokenizer):
    encoding = tokenizer.encode("Kiracının kira bedelini ödemesine karar verildi", add_special_tokens=False)
    assert {"kira", "karar"} <= set(encoding.tokens)
    assert any(token.startswith("##") for token in encoding.tokens)


@pytest.mark.parametrize("text", HARD)
def test_pieces_join_to_the_text(tokenizer, text):
    tokens = tokenizer.encode(text, add_special_tokens=False).tokens
    assert "[UNK]" not in tokens
    assert "".join(token.removeprefix("##") for token in tokens) == "".join(clean(text).split())


@pytest.mark.parametrize("text", HARD)
def test_offsets_point_into_the_text_as_given(tokenizer, text):
    encoding = tokenizer.encode(text, add_special_tokens=False)
    end = 0
    for token, (left, right) in zip(encoding.tokens, encoding.offsets, strict=True):
        assert end <= left < right <= len(text)
        # Of a letter written as two characters, the offset holds the first.
        marks = len(text) - right - len(text[right:].lstrip("\u0307\u0308\u0327"))
        assert clean(text[left : right + marks]) == token.removeprefix("##")
        end = right


def test_case_is_kept(tokenizer):
    ids = [tuple(tokenizer.encode(word).ids) for word in ("ısı", "isi", "ISI", "İSİ")]
    assert len(set(ids)) == 4


def test_pairs_get_the_usual_frame(tokenizer):
    assert tokenizer.encode("kira", "karar").tokens == ["[CLS]", "kira", "[SEP]", "karar", "[SEP]"]


@pytest.mark.parametrize("tag", TAG_TOKENS)
def test_tags_of_masked_identifiers_are_one_token(tokenizer, tag):
    encoding = tokenizer.encode(f"T.C. no {tag}, kiracı")
    assert encoding.tokens.count(tag) == 1
    assert tokenizer.decode(encoding.ids).count(tag) == 1  # special tokens are left out, tags are not


def test_characters_outside_the_alphabet_make_their_word_unknown_only(tokenizer):
    assert tokenizer.encode("kira 東京 karar", add_special_tokens=False).tokens == ["kira", "[UNK]", "karar"]


def test_smaller_when_the_corpus_gives_no_more_pieces(texts):
    assert learn(texts, vocab_size=50_000).get_vocab_size() < 2_000


def test_vocabulary_smaller_than_its_alphabet(texts):
    with pytest.raises(ConfigError, match=r"vocabulary of 150 tokens: the alphabet of this corpus takes \d+ "):
        learn(texts, vocab_size=150)


def test_same_bytes_in_other_processes(repository, tokenizer):
    """Hash maps of the library are seeded anew in each process, and its threads count in any order."""
    code = (
        "import hashlib, sys; from tests.tokenizer.test_wordpiece import learn;"
        "from tests.tokenizer.conftest import SENTENCES;"
        "sys.stdout.write(hashlib.sha256(learn(SENTENCES * 5).to_str().encode()).hexdigest())"
    )
    ours = hashlib.sha256(tokenizer.to_str().encode()).hexdigest()
    for threads in ("true", "false"):
        environment = {**os.environ, "TOKENIZERS_PARALLELISM": threads, "PYTHONPATH": str(repository)}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert done.stdout == ours


def test_no_learned_piece_crosses_a_boundary():
    words = {f"karar{BOUNDARY}lar": 9, f"sözleşme{BOUNDARY}ler{BOUNDARY}den": 9}
    settings = {"vocab_size": 500, "seeds": [], "alphabet": sorted(ALWAYS), "least_pair_count": 2}
    settings |= {"pattern": get_pattern("digits.v1"), "family": get_family("bert")}
    tokenizer = ALGORITHMS.get("wordpiece.v1")(words, **settings)
    assert tokenizer.encode("kararlar", add_special_tokens=False).tokens == ["karar", "##lar"]
    assert tokenizer.encode("sözleşmelerden", add_special_tokens=False).tokens == ["sözleşme", "##ler", "##den"]
    assert "[UNK]" in tokenizer.encode(f"karar{BOUNDARY}lar").tokens


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"pattern": get_pattern("llama.v1")}, "keeps spaces"), ({"family": get_family("qwen3")}, "no token for unknown")],
)
def test_patterns_and_families_that_do_not_fit(texts, changes, message):
    with pytest.raises(ConfigError, match=message):
        learn(texts, **changes)


def test_words_with_marks():
    """By white space, marks are parts of words and have a piece inside them."""
    tokenizer = learn(["karar, karar, karar. karar."], pattern=get_pattern("whitespace.v1"), seeds=[], vocab_size=900)
    assert tokenizer.encode("karar, karar", add_special_tokens=False).tokens == ["karar,", "karar"]


def test_characters_are_counted():
    assert count_characters({"aç": 3, "ç1": 2}) == {"a": 3, "ç": 5, "1": 2}
    assert count_characters({}) == {}


def test_alphabet_covers_the_share_asked_for():
    characters = Counter({"a": 9_000, "ж": 900, "東": 90, "京": 9, " ": 5_000})
    assert set(choose_alphabet(characters, coverage=0.99)) == ALWAYS | {"ж"}
    assert set(choose_alphabet(characters, coverage=1)) == ALWAYS | set("ж東京")
    assert choose_alphabet({}, coverage=1) == sorted(ALWAYS)


def test_forms_are_turkish():
    assert forms("ıslah") == ("ıslah", "Islah", "ISLAH")
    assert forms("ibra") == ("ibra", "İbra", casing.upper("ibra")) == ("ibra", "İbra", "İBRA")


def test_numbers_keep_their_ends_and_their_digits():
    tokenizer = learn(SENTENCES * 5, vocab_size=600)
    assert tokenizer.encode("2020/12 34", add_special_tokens=False).tokens == [
        "2", "##0", "##2", "##0", "/", "1", "##2", "3", "##4",
    ]  # fmt: skip
    assert tokenizer.encode("2020/1234", add_special_tokens=False).tokens[-4:] == ["1", "##2", "##3", "##4"]
    assert not [piece for piece in tokenizer.get_vocab() if sum(character.isdigit() for character in piece) > 1]
    runs_on = learn(SENTENCES * 5, vocab_size=600, pattern=get_pattern("bert.v1")).get_vocab()
    assert "2019" in runs_on
