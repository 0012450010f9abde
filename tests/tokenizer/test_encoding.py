"""The fast path for corpora gives what the tokenizer gives."""

from itertools import islice

import pytest
from tests.tokenizer.conftest import SENTENCES, count
from tests.tokenizer.test_patterns import HARD
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from mecelle.base.collection import read_jsonl
from mecelle.tokenizer.encoding import encode_corpus, pattern_of
from mecelle.tokenizer.families import get_family
from mecelle.tokenizer.patterns import PATTERNS
from mecelle.tokenizer.train import ALGORITHMS

TEXTS = [*SENTENCES, *HARD, "", " \n", "\n".join(HARD + SENTENCES), "x [MASK] y[TCKN]z [CLS]"]


@pytest.fixture(scope="module", params=PATTERNS)
def tokenizer(request, texts):
    pattern = PATTERNS[request.param]
    return ALGORITHMS.get("bpe.v1" if pattern.keeps_spaces else "wordpiece.v1")(
        count(texts, pattern.name), vocab_size=700, seeds=[], alphabet=list("abcçdefgğhıijklmnoöprsştuüvyz.,'\"0123"),
        pattern=pattern, family=get_family("modernbert"), least_pair_count=2,
    )  # fmt: skip


def same(tokenizer: Tokenizer, texts: list[str], **options: int) -> bool:
    expected = [one.ids for one in tokenizer.encode_batch(texts, add_special_tokens=False)]
    return [ids.tolist() for ids in encode_corpus(tokenizer, texts, **options)] == expected


def test_same_ids(tokenizer):
    assert pattern_of(tokenizer) is not None
    assert same(tokenizer, TEXTS)
    assert same(tokenizer, TEXTS * 3, most_cells=10)


@pytest.mark.real_data
def test_same_ids_on_real_texts(tokenizer, real_data):
    texts = [row["text"] for row in islice(read_jsonl(real_data / "legal" / "decisions.jsonl.gz"), 60)]
    assert same(tokenizer, texts)


def test_tokenizers_of_another_making():
    other = Tokenizer(models.WordLevel({"[UNK]": 0, "kira": 1}, unk_token="[UNK]"))
    other.pre_tokenizer = pre_tokenizers.Whitespace()
    assert pattern_of(other) is None
    assert same(other, ["kira bedeli", ""])


def test_truncation_is_obeyed(tokenizer):
    tokenizer.enable_truncation(3)
    try:
        assert [len(ids) for ids in encode_corpus(tokenizer, ["kira bedeli ödenir ve biter"])] == [3]
    finally:
        tokenizer.no_truncation()


def test_a_changed_tokenizer_is_not_taken_for_ours(tokenizer):
    changed = Tokenizer.from_str(tokenizer.to_str())
    changed.normalizer = normalizers.Sequence([tokenizer.normalizer, normalizers.Replace("karar", "kira")])
    assert pattern_of(changed) is None
    other = Tokenizer.from_str(tokenizer.to_str().replace("(?!\\\\S)|\\\\s+", "(?!\\\\S)|\\\\s"))
    assert (pattern_of(other) is None) == (other.to_str() != tokenizer.to_str())
    assert same(changed, TEXTS)
