"""Training byte-level BPE: round trip, seeds in every context, the pairs of the library, bytes."""

import hashlib
import os
import subprocess
import sys
import unicodedata

import orjson
import pytest
from tests.tokenizer.conftest import SENTENCES, count
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from mecelle.base.errors import ConfigError
from mecelle.tokenizer.families import TAG_TOKENS, get_family
from mecelle.tokenizer.patterns import BOUNDARY, PATTERNS, get_pattern
from mecelle.tokenizer.seeding import forms
from mecelle.tokenizer.train import ALGORITHMS
from mecelle.tokenizer.train.bpe import written

SEEDS = [form for term in ("istinaf", "müddeiumumi", "kefil", "ıslah", "peyderpey") for form in forms(term)]
KEEP_SPACES = [name for name, one in PATTERNS.items() if one.keeps_spaces]
FIXED = 256 + 3 + len(TAG_TOKENS)  # bytes, special tokens of qwen3, tags


def learn(texts, name="llama.v1", **changes):
    settings = {"vocab_size": 700, "seeds": SEEDS, "alphabet": [], "least_pair_count": 2}
    settings |= {"pattern": get_pattern(name), "family": get_family("modernbert")}
    return ALGORITHMS.get("bpe.v1")(count(texts, name), **(settings | changes))


@pytest.fixture(scope="module", params=KEEP_SPACES)
def trained(request, texts):
    return request.param, learn(texts, request.param)


@pytest.mark.parametrize(
    "text",
    [*SENTENCES, "", " ",
     "  iki  boşluk \n\n \t satır\r\n", "東京 🙂 \x00 \ue001 e\u0301", "s\u0327ahit “alıntı” don't", "[TCKN] [MASKE]"],
)  # fmt: skip
def test_every_text_decodes_to_itself(trained, text):
    _, tokenizer = trained
    encoding = tokenizer.encode(text, add_special_tokens=False)
    assert tokenizer.decode(encoding.ids, skip_special_tokens=False) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("form", SEEDS)
@pytest.mark.parametrize("context", ["{}", "Kiracı {} x", "({}),", "x ({})", '"{}" x', "{}'nın", "{}, {}.", "\n{}\n"])
def test_seed_is_one_token_in_every_context(trained, form, context):
    _, tokenizer = trained
    tokens = tokenizer.encode(context.format(form, form), add_special_tokens=False).tokens
    assert {written(form), written(" " + form)} & set(tokens)


@pytest.mark.parametrize("name", KEEP_SPACES)
def test_only_our_pattern_knows_that_turkish_has_no_english_contractions(texts, name):
    """'müddeiumumi' is cut after 'm by the others, before any algorithm can help."""
    tokens = learn(texts, name).encode("'müddeiumumi' x", add_special_tokens=False).tokens
    assert (written("müddeiumumi") in tokens) is (name == "legal.v1")


def test_seeds_are_needed(texts):
    tokens = learn(texts, seeds=[]).encode("MÜDDEİUMUMİ", add_special_tokens=False).tokens
    assert len(tokens) > 1


def test_size_and_ids(trained):
    _, tokenizer = trained
    size = tokenizer.get_vocab_size()
    assert 600 < size <= 700
    assert sorted(tokenizer.get_vocab().values()) == list(range(size))


def test_same_vocabulary_as_the_library_without_seeds(texts):
    """The library learns the same pieces from the same words, where nothing of ours is asked for."""
    ours = learn(texts, seeds=[], family=get_family("qwen3"))
    theirs = Tokenizer(models.BPE())
    theirs.pre_tokenizer = get_pattern("llama.v1").pre_tokenizer()
    trainer = trainers.BpeTrainer(
        vocab_size=700 - FIXED + 256,
        min_frequency=2,
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    theirs.train_from_iterator(texts, trainer)
    merges = [orjson.loads(one.to_str())["model"]["merges"] for one in (ours, theirs)]
    assert merges[0] == merges[1]


def test_offsets_cover_the_text(trained):
    _, tokenizer = trained
    text = "TBK'nın 344. maddesi (kefil) hâlâ İSTİNAF"
    offsets = tokenizer.encode(text, add_special_tokens=False).offsets
    covered = sorted({place for left, right in offsets for place in range(left, right)})
    assert covered == list(range(len(text)))


def test_no_learned_piece_crosses_a_boundary():
    words = {f" karar{BOUNDARY}lar": 9, f"sözleşme{BOUNDARY}ler": 9}
    settings = {"vocab_size": 700, "seeds": [], "alphabet": [], "least_pair_count": 2}
    settings |= {"pattern": get_pattern("legal.v1"), "family": get_family("qwen3")}
    tokenizer = ALGORITHMS.get("bpe.v1")(words, **settings)
    assert tokenizer.encode(" kararlar", add_special_tokens=False).tokens == ["Ġkarar", "lar"]
    assert tokenizer.encode("sözleşmeler", add_special_tokens=False).tokens == [written("sözleşme"), "ler"]


def test_the_smallest_vocabulary(texts):
    plain = {"seeds": [], "family": get_family("qwen3")}
    assert learn(texts, vocab_size=FIXED, **plain).get_vocab_size() == FIXED
    with pytest.raises(ConfigError, match=f"the 256 bytes, special tokens and tags take {FIXED}"):
        learn(texts, vocab_size=FIXED - 1, **plain)
    with pytest.raises(ConfigError, match=r"and the seeds \d+; allowed is \d+ or more"):
        learn(texts, vocab_size=300)


@pytest.mark.parametrize("size", [320, 330, 340, 360, 400])
def test_seeds_leave_room_for_what_fits(texts, size):
    """Seeds inside words need pairs of their own, the fewer the more was learned."""
    try:
        tokenizer = learn(texts, vocab_size=size, seeds=SEEDS[:3])
    except ConfigError:
        assert size < 340
        return
    assert tokenizer.get_vocab_size() == size
    assert all(written(" " + seed) in tokenizer.get_vocab() for seed in SEEDS[:3])


def test_patterns_that_lose_spaces(texts):
    with pytest.raises(ConfigError, match="loses spaces"):
        learn(texts, "digits.v1")


def test_same_bytes_in_another_process(repository, texts):
    code = (
        "import hashlib, sys; from tests.tokenizer.test_bpe import learn;"
        "from tests.tokenizer.conftest import SENTENCES;"
        "sys.stdout.write(hashlib.sha256(learn(SENTENCES * 5).to_str().encode()).hexdigest())"
    )
    environment = {**os.environ, "TOKENIZERS_PARALLELISM": "true", "PYTHONPATH": str(repository), "PYTHONHASHSEED": "3"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == hashlib.sha256(learn(texts).to_str().encode()).hexdigest()


@pytest.mark.parametrize("name", KEEP_SPACES)
def test_seeds_that_are_learned_anyway_leave_their_slots_to_others(texts, name):
    size = FIXED + 5 + 60
    frequent = ["karar", "kira", "istinaf", "mahkeme", "hüküm"]
    assert learn(texts, name, seeds=frequent, vocab_size=size, least_pair_count=1).get_vocab_size() == size
