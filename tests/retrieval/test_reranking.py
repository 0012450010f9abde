import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from mecelle.base.errors import ArtifactError, ConfigError
from mecelle.retrieval.reranking import CrossReranker, LateReranker, load_reranker
from mecelle.retrieval.search import Searcher


class Shortest:
    """Holds the shortest passage for the best; remembers what it read."""

    name = "shortest"

    def __init__(self) -> None:
        self.read: list[str] = []

    def score(self, question: str, passages: Sequence[str]) -> np.ndarray:
        self.read += passages
        return np.array([-len(passage) for passage in passages], dtype=np.float32)


class OneHot:
    """A vector for each word: an axis of its own for each letter that a word begins with."""

    name = "one-hot"

    def encode(self, texts: Sequence[str], *, role: str) -> list[np.ndarray]:
        return [np.eye(128, dtype=np.float32)[[ord(word[0]) % 128 for word in text.split()]] for text in texts]


class Broken:
    name = "broken"

    def score(self, question: str, passages: Sequence[str]) -> np.ndarray:
        raise RuntimeError(f"no room for {question}")


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> dict[str, Path]:
    """A plain encoder, and models of two kinds that re-rank and of two that do not, all tiny and untrained."""
    import torch
    from sentence_transformers import CrossEncoder, MultiVectorEncoder, SentenceTransformer
    from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask
    from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Transformer
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, BertModel, PreTrainedTokenizerFast

    names = ("plain", "cross", "two_outputs", "embedding", "late")
    folder = {name: tmp_path_factory.mktemp("models") / name for name in (*names, "saved_cross")}
    letters = [chr(code) for code in range(33, 400)]
    pieces = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]", *letters, *("##" + letter for letter in letters)]
    tokenizer = Tokenizer(models.WordPiece({piece: n for n, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.NFC(), pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]",
        mask_token="[MASK]", model_max_length=64,
    )  # fmt: skip
    torch.manual_seed(0)
    shape = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 1}
    config = BertConfig(
        vocab_size=len(pieces), max_position_embeddings=64, pad_token_id=3, initializer_range=0.5, **shape
    )
    BertModel(config).save_pretrained(folder["plain"])
    for name, outputs in (("cross", 1), ("two_outputs", 2)):
        config.num_labels = outputs
        BertForSequenceClassification(config).save_pretrained(folder[name])
    for name in ("plain", "cross", "two_outputs"):
        fast.save_pretrained(folder[name])
    CrossEncoder(str(folder["cross"]), device="cpu").save_pretrained(str(folder["saved_cross"]))
    SentenceTransformer(str(folder["plain"]), device="cpu").save_pretrained(str(folder["embedding"]))
    dense = Dense(16, 8, activation_function=torch.nn.Identity(), module_input_name="token_embeddings")
    transformer = Transformer(str(folder["plain"]), query_length=16, document_length=48)
    modules = [transformer, dense, MultiVectorMask(), Normalize(module_input_name="token_embeddings")]
    MultiVectorEncoder(modules=modules, device="cpu").save_pretrained(str(folder["late"]))
    return folder


@pytest.mark.parametrize(
    ("name", "kind"), [("late", LateReranker), ("cross", CrossReranker), ("saved_cross", CrossReranker)]
)
def test_a_folder_that_re_ranks_does_so_in_a_search(index, encoder, folders, name, kind):
    reranker = load_reranker(folders[name])
    assert isinstance(reranker, kind)
    question = "kira bedeli kiracı"
    with Searcher(index, encoder=encoder, reranker=reranker) as searcher:
        found = searcher.search(question)
        plain = searcher.search(question, rerank=False)
    scores = [hit.score for hit in found]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) > 3
    assert {hit.citation for hit in found} == {hit.citation for hit in plain}
    again = load_reranker(folders[name], device="cpu")  # the weights are those of the folder, not drawn anew
    np.testing.assert_array_equal(
        again.score(question, [hit.passage for hit in found]), reranker.score(question, [hit.passage for hit in found])
    )


@pytest.mark.parametrize(
    ("name", "holds"),
    [("plain", "BertModel"), ("embedding", "SentenceTransformer"), ("two_outputs", "it has 2 outputs")],
)
def test_a_model_that_would_rank_at_random_is_refused(folders, name, holds):
    with pytest.raises(ArtifactError, match=holds):
        load_reranker(folders[name])


@pytest.mark.parametrize("name", ["late", "cross"])
def test_the_device_reaches_the_reranker(folders, name):
    with pytest.raises(ConfigError, match="device 'tpu9'"):
        load_reranker(folders[name], device="tpu9")


def test_damaged_settings_are_an_artifact_error(tmp_path):
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ArtifactError, match="does not load as a cross-encoder"):
        load_reranker(tmp_path)
    (tmp_path / "config_sentence_transformers.json").write_text("{")
    with pytest.raises(ArtifactError, match="does not load as a model of sentence-transformers"):
        load_reranker(tmp_path)


def test_a_reranker_that_fails_leaves_the_order_before_it(index, encoder, caplog):
    with (
        Searcher(index, encoder=encoder, reranker=Broken()) as searcher,
        caplog.at_level(logging.WARNING),
    ):
        found = searcher.search("kira bedeli kiracı")
        assert found == searcher.search("kira bedeli kiracı", rerank=False)
    [told] = caplog.messages
    assert told.startswith("the re-ranker 'broken' failed (RuntimeError at ")
    assert "kira" not in told.replace("mecelle", "")


def test_hits_behind_those_ordered_anew_have_no_score(index, encoder, monkeypatch):
    with Searcher(index, encoder=encoder, reranker=Shortest()) as searcher:
        monkeypatch.setattr(searcher, "config", searcher.config.model_copy(update={"rerank_hits": 2}))
        found = searcher.search("kira bedeli kiracı", k=3, skip=1)
        assert [("rerank" in hit.ranks, hit.score is None) for hit in found] == [(True, False)] * 2 + [(False, True)]


@pytest.mark.parametrize("mode", ["bm25", "dense", "hybrid"])
def test_the_reranker_orders_the_best_anew(index, encoder, mode):
    reranker = Shortest()
    with Searcher(index, encoder=encoder, reranker=reranker) as searcher:
        found = searcher.search("kira bedeli kiracı", mode=mode)
        lengths = [len(passage) for passage in reranker.read]
        assert [hit.score for hit in found] == sorted((-float(one) for one in lengths), reverse=True)
        assert [hit.ranks["rerank"] for hit in found] == list(range(1, len(found) + 1))
        assert any(passage.startswith("TÜRK BORÇLAR KANUNU\n") for passage in reranker.read)  # as they are searched
        reranker.read.clear()
        plain = searcher.search("kira bedeli kiracı", mode=mode, rerank=False)
        assert not reranker.read
        assert {hit.citation for hit in plain} == {hit.citation for hit in found}
        assert searcher.search("kira bedeli kiracı", mode=mode, k=1)[0].citation == found[0].citation


def test_what_was_named_outright_stays_first(index, encoder):
    with Searcher(index, encoder=encoder, reranker=Shortest()) as searcher:
        for rerank in (True, False):
            first, second, *_ = searcher.search("2023/100 kira", rerank=rerank)
            assert (first.case_number, first.score) == ("2023/100", 0)
            assert second.score


def test_nothing_found_asks_nothing(index, encoder):
    with Searcher(index, encoder=encoder, reranker=Shortest()) as searcher:
        assert searcher.search("zzz", mode="bm25") == []


def test_late_interaction_sums_the_nearest_token_of_each_word():
    scores = LateReranker(OneHot()).score("kira bedeli", ["kira bedeli ödendi", "bedel", "zam", ""])
    assert scores.tolist() == [2.0, 1.0, 0.0, 0.0]
