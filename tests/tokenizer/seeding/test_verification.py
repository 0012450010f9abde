"""Each seed is one token wherever it stands, for every algorithm and pattern, on the real lists."""

from collections import Counter

import pytest
from tests.tokenizer.conftest import SENTENCES
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from mecelle.base.collection import read_jsonl
from mecelle.tokenizer.alphabet import ALWAYS
from mecelle.tokenizer.families import get_family
from mecelle.tokenizer.patterns import get_pattern
from mecelle.tokenizer.seeding import choose, verify
from mecelle.tokenizer.train import ALGORITHMS

WAYS = [
    ("wordpiece.v1", "digits.v1"),
    ("bpe.v1", "llama.v1"),
    ("bpe.v1", "gpt2.v1"),
    ("bpe.v1", "legal.v1"),
    ("unigram.v1", "digits.v1"),
    ("unigram.v1", "llama.v1"),
    ("unigram.v1", "legal.v1"),
    ("unigram_bytes.v1", "gpt2.v1"),
]


def wordpiece(*pieces):
    tokenizer = Tokenizer(models.WordPiece({p: n for n, p in enumerate(("[UNK]", *pieces))}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def test_what_is_cut_or_unknown_is_a_violation():
    tokenizer = wordpiece("ibra", "aci", "##r", ",")
    assert verify(tokenizer, ["ibra"], ["{}", "x, {},"]) == []
    (cut,) = verify(tokenizer, ["acir"], ["x {}"])
    assert (cut.seed, cut.context, cut.tokens) == ("acir", "x {}", ("aci", "##r"))
    (unknown,) = verify(tokenizer, ["müsadere"], ["{}"])
    assert unknown.tokens == ("[UNK]",)


def test_a_context_counts_by_itself():
    tokenizer = wordpiece("ibra", "(")
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    assert [one.context for one in verify(tokenizer, ["ibra"], ["{} x", "({})"])] == ["({})"]


@pytest.fixture(scope="module")
def real_seeds(real_data):
    rows = [row["term"] for name in ("dictionary", "legal_terms") for row in _rows(real_data, name)]
    return choose(rows, {word: 1 for row in rows for word in row.split()}, room=1_000_000).tokens


@pytest.mark.parametrize(("algorithm", "pattern"), WAYS)
def test_terms_are_one_token_in_every_context(algorithm, pattern, real_seeds):
    some = real_seeds[::10]
    assert verify(learn(algorithm, pattern, some), some) == []


@pytest.mark.slow
@pytest.mark.parametrize(("algorithm", "pattern"), WAYS)
def test_all_terms_are_one_token_in_every_context(algorithm, pattern, real_seeds):
    assert len(real_seeds) > 4_500
    assert verify(learn(algorithm, pattern, real_seeds), real_seeds) == []


@pytest.mark.parametrize(("algorithm", "pattern"), [WAYS[0], WAYS[1], WAYS[4]])
def test_without_seeds_there_are_violations(algorithm, pattern):
    assert verify(learn(algorithm, pattern, []), ["müddeiumumi", "MÜDDEİUMUMİ"])


def learn(algorithm, pattern, seeds):
    words = Counter(word for text in SENTENCES * 5 for word in get_pattern(pattern).find(text))
    return ALGORITHMS.get(algorithm)(
        dict(sorted(words.items())),
        vocab_size=40_000,
        seeds=seeds,
        alphabet=sorted(ALWAYS),
        pattern=get_pattern(pattern),
        family=get_family("modernbert"),
        least_pair_count=2,
    )


def _rows(real_data, name):
    return read_jsonl(real_data / "legal" / f"{name}.jsonl.gz")
