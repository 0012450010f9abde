"""A multilingual Unigram tokenizer and its embedding, cut to the tokens that a text needs."""

import numpy as np
import orjson
import pytest
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import AutoTokenizer, BertConfig, BertModel, PreTrainedTokenizerFast

from mecelle.base.artifacts import read_record
from mecelle.base.errors import ConfigError
from mecelle.embedding.pruning.prune import PruneConfig, prune
from mecelle.embedding.pruning.unigram import check_unigram, choose, needed, pruned

LETTERS = "abcçdefgğhıijklmnoöprsştuüvyz.▁漢"
PIECES = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁kira", -3.0), ("▁the", -3.5), ("cı", -4.0),
          ("▁mahkeme", -4.5), ("lar", -5.0), ("▁kirala", -6.0), ("▁of", -6.5), *((one, -9.0) for one in LETTERS),
          ("<mask>", 0.0)]  # fmt: skip
TEXTS = ["kira mahkeme kira", "kiracılar mahkeme", "mahkemelar kira"]


@pytest.fixture(scope="module")
def multilingual(tmp_path_factory):
    """A tiny BERT with a Unigram tokenizer as XLM-R's is stored, pooled by mean."""
    import torch

    tokenizer = Tokenizer(models.Unigram(PIECES, unk_id=3))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>",
        pad_token="<pad>", unk_token="<unk>", mask_token="<mask>", model_max_length=32,
    )  # fmt: skip
    torch.manual_seed(0)
    settings = BertConfig(
        vocab_size=len(PIECES) + 5, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=24,
        max_position_embeddings=32, pad_token_id=1,
    )  # fmt: skip
    plain = tmp_path_factory.mktemp("multilingual") / "plain"
    BertModel(settings).save_pretrained(plain)
    fast.save_pretrained(plain)
    model = SentenceTransformer(
        modules=[Transformer(str(plain)), Pooling(16, pooling_mode="mean"), Normalize()], device="cpu"
    )
    folder = plain.with_name("model")
    model.save(str(folder), create_model_card=False)
    return folder


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    """The same few words in thirty documents."""
    path = tmp_path_factory.mktemp("texts") / "texts.jsonl"
    path.write_bytes(b"\n".join(orjson.dumps({"text": TEXTS[n % 3]}) for n in range(30)))
    return path


@pytest.fixture(scope="module")
def smaller(multilingual, texts, tmp_path_factory):
    out = tmp_path_factory.mktemp("pruned") / "pruned"
    prune(multilingual, [texts], out, PruneConfig(size=100, licence="mit"), seed=1)
    return out


def test_pieces_that_the_text_never_uses_are_gone_and_letters_stay(smaller):
    vocabulary = AutoTokenizer.from_pretrained(smaller).get_vocab()
    assert {"▁kira", "cı", "lar", "▁mahkeme", "<mask>", "<pad>", *LETTERS} <= set(vocabulary)
    assert not {"▁the", "▁of"} & set(vocabulary)
    assert vocabulary["<pad>"] == 1
    assert sorted(vocabulary.values()) == list(range(len(vocabulary)))


def test_segmentation_and_vectors_of_kept_text_are_the_same(multilingual, smaller):
    before, after = (SentenceTransformer(str(folder), device="cpu") for folder in (multilingual, smaller))
    assert [after.tokenizer.tokenize(text) for text in TEXTS] == [before.tokenizer.tokenize(text) for text in TEXTS]
    np.testing.assert_allclose(after.encode(TEXTS), before.encode(TEXTS), atol=1e-6)
    transformer = after[0].auto_model
    rows = len(transformer.embeddings.word_embeddings.weight)
    assert transformer.config.vocab_size == len(after.tokenizer) == rows == len(PIECES) - 3


def test_what_was_known_stays_known(multilingual, smaller):
    before, after = (AutoTokenizer.from_pretrained(folder) for folder in (multilingual, smaller))
    assert after.tokenize("the of 漢") == ["▁", "t", "h", "e", "▁", "o", "f", "▁", "漢"]
    assert before.unk_token not in after.tokenize("the of 漢")
    assert after.tokenize("€") == before.tokenize("€")


def test_figures_tell_what_changed(smaller):
    figures = read_record(smaller).figures
    assert figures["share_unchanged"] == 1.0
    assert figures["mean_cosine"] == pytest.approx(1, abs=1e-5)
    assert (figures["tokens_before"], figures["tokens_after"]) == (len(PIECES), len(PIECES) - 3)
    accounts = read_record(smaller).accounts
    assert (accounts.kept, accounts.dropped) == (len(PIECES) - 3, {"never_seen": 3, "rare": 0})


def state():
    vocabulary = [["<unk>", 0.0], ["ab", -1.0], ["a", -2.0], ["cd", -2.5], ["b", -3.0]]
    return {
        "model": {"type": "Unigram", "unk_id": 0, "vocab": vocabulary},
        "added_tokens": [{"id": 0, "content": "<unk>"}],
        "post_processor": None,
    }


def test_the_most_frequent_stay_beside_the_needed():
    assert needed(state()).tolist() == [0, 2, 4]
    counts = np.array([0, 1, 5, 7, 0])
    assert choose(state(), counts, size=4).tolist() == [0, 2, 3, 4]
    assert choose(state(), counts, size=99).tolist() == [0, 1, 2, 3, 4]
    assert choose(state(), np.array([0, 0, 5, 0, 0]), size=99).tolist() == [0, 2, 4]
    with pytest.raises(ConfigError, match=r"size 2: .* take 3"):
        choose(state(), counts, size=2)


def test_ids_are_numbered_anew():
    small = pruned(state() | {"post_processor": {"special_tokens": {"x": {"ids": [4]}}}}, [0, 3, 4])
    assert [piece for piece, _ in small["model"]["vocab"]] == ["<unk>", "cd", "b"]
    assert small["post_processor"]["special_tokens"]["x"]["ids"] == [2]


def test_other_tokenizers_are_refused(encoder, texts, tmp_path):
    with pytest.raises(ConfigError, match=r"WordPiece.*only Unigram"):
        prune(encoder, [texts], tmp_path / "out", PruneConfig(), seed=1)
    with pytest.raises(ConfigError, match="byte fallback"):
        check_unigram({"model": {"type": "Unigram", "byte_fallback": True}})
