"""The stage as a whole: what transformers loads, what is recorded, what is refused."""

import subprocess
import sys

import orjson
import pytest

from mecelle.base import artifacts
from mecelle.base.collection import read_documents, write_documents
from mecelle.base.document import make_document
from mecelle.base.errors import ConfigError, InputError
from mecelle.tokenizer.folder import load
from mecelle.tokenizer.stage import PRESETS, TokenizerConfig, train_tokenizer

SMALL = TokenizerConfig(vocab_size=450, max_length=64)


@pytest.fixture
def trained(corpus, tmp_path):
    (tmp_path / "terms.txt").write_text("Islah\nKefil\nAcele itiraz\n")
    train_tokenizer(corpus, tmp_path / "tokenizer", SMALL, seed=7, seeds=[tmp_path / "terms.txt"])
    return tmp_path / "tokenizer"


def test_transformers_loads_it(trained):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(trained)
    assert tokenizer.is_fast
    assert len(tokenizer) == 450
    assert tokenizer.model_max_length == 64
    assert [tokenizer.unk_token_id, tokenizer.cls_token_id, tokenizer.sep_token_id] == [0, 1, 2]
    assert [tokenizer.pad_token_id, tokenizer.mask_token_id] == [3, 4]
    encoded = tokenizer("İSTİNAF", "kefil [MASK] Kefil")
    assert tokenizer.convert_ids_to_tokens(encoded["input_ids"]) == [
        "[CLS]", "İSTİNAF", "[SEP]", "kefil", "[MASK]", "Kefil", "[SEP]",
    ]  # fmt: skip
    assert set(encoded) == {"input_ids", "attention_mask"}
    assert len(tokenizer("kira " * 100, truncation=True)["input_ids"]) == 64
    again = trained.parent / "again"
    tokenizer.save_pretrained(again)
    assert (
        AutoTokenizer.from_pretrained(again)("[TCKN] istinaf")["input_ids"] == tokenizer("[TCKN] istinaf")["input_ids"]
    )


def test_seeds_are_listed(trained):
    seeds = orjson.loads((trained / "seeds.json").read_bytes())
    assert [one["term"] for one in seeds["kept"]] == ["istinaf", "kefil"]
    assert seeds["kept"][0]["occurrences"] == 10  # İSTİNAF and istinaf in 5 copies each; not the dictionary's own
    assert {one["row"]: one["reason"] for one in seeds["dropped"]} == {
        "Acele itiraz": "several_words",
        "Islah": "not_in_corpus",
        "Müsadere": "not_in_corpus",
    }
    assert seeds["violations"] == []
    assert {one["term"] for one in seeds["cost"]["terms"]} == {"istinaf", "kefil"}


def test_record_holds_counts_and_measures(trained):
    record = artifacts.read_record(trained)
    assert record is not None
    assert record.accounts is not None
    assert record.accounts.seen == record.accounts.kept == 42
    told = record.figures["seeds"]
    assert (told["terms"], told["kept"], told["tokens"], told["violations"]) == (5, 2, 6, 0)
    assert told["never_seen"] == 3  # İstinaf (in the dictionary only), Kefil, KEFİL
    assert record.figures["categories"]["HUKUK Sözlük"]["factor"] == 1
    assert record.figures["decomposed"] == 0
    assert record.figures["measured"]["unknown_share"] == 0
    assert set(record.inputs) == {"corpus", "seeds_0"}
    artifacts.verify(trained)


def test_same_input_same_artifact(corpus, tmp_path):
    train_tokenizer(corpus, tmp_path / "one", SMALL, seed=7)
    train_tokenizer(corpus, tmp_path / "two", SMALL, seed=8)
    assert artifacts.read_marker(tmp_path / "one").hash == artifacts.read_marker(tmp_path / "two").hash


def test_the_seed_draws_the_measured_texts(corpus, tmp_path):
    few = TokenizerConfig(vocab_size=450, measured_texts=3)
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        train_tokenizer(corpus, tmp_path / name, few, seed=seed)
    a, b, c = (artifacts.read_record(tmp_path / name).figures["measured"] for name in "abc")  # type: ignore[union-attr]
    assert a == b != c
    assert a["lines"] == 3


@pytest.mark.parametrize("texts", [[], ["", "12 34.", "\n"]])
def test_a_corpus_without_words_leaves_nothing_behind(tmp_path, texts):
    documents = (make_document(text, kind="other", source=str(number)) for number, text in enumerate(texts))
    write_documents(documents, tmp_path / "corpus" / "documents")
    with pytest.raises(InputError, match=f"{len(texts)} documents and no word"):
        train_tokenizer(tmp_path / "corpus", tmp_path / "out", SMALL, seed=7)
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "out.partial").exists()


def test_documents_without_words_are_counted(corpus, tmp_path):
    write_documents([make_document("12.", kind="other", source="x")], corpus / "more")
    (corpus / "more" / "00000.jsonl.zst").rename(corpus / "documents" / "00001.jsonl.zst")
    train_tokenizer(corpus, tmp_path / "out", SMALL, seed=7)
    assert artifacts.read_record(tmp_path / "out").accounts.dropped == {"no_words": 1}  # type: ignore[union-attr]


def test_vocabulary_and_algorithm_that_cannot_be(corpus, tmp_path):
    with pytest.raises(ConfigError, match="alphabet of this corpus"):
        train_tokenizer(corpus, tmp_path / "out", TokenizerConfig(vocab_size=100), seed=7)
    with pytest.raises(ConfigError, match=r"'wordpece\.v1' is not registered; did you mean 'wordpiece\.v1'"):
        train_tokenizer(corpus, tmp_path / "out", TokenizerConfig(algorithm="wordpece.v1"), seed=7)
    assert not (tmp_path / "out").exists()


def test_decomposed_texts_are_counted_and_joined(corpus, tmp_path):
    more = make_document("s\u0327u\u0308phesiz", kind="decision", source="nfd")
    write_documents([more], corpus / "more")
    (corpus / "more" / "00000.jsonl.zst").rename(corpus / "documents" / "00001.jsonl.zst")
    train_tokenizer(corpus, tmp_path / "out", SMALL, seed=7)
    assert artifacts.read_record(tmp_path / "out").figures["decomposed"] == 1  # type: ignore[union-attr]
    tokenizer = load(tmp_path / "out")
    assert tokenizer.encode("s\u0327u\u0308phesiz").ids == tokenizer.encode("şüphesiz").ids


def test_terms_that_cannot_be_seeds(corpus, tmp_path):
    (tmp_path / "terms.txt").write_text("Acele itiraz\nAdem-i ifa\n")
    for path in corpus.rglob("*.zst"):
        documents = [one for one in read_documents(path) if one.metadata["kind"] != "dictionary"]
        write_documents(documents, path.parent)
    with pytest.raises(InputError, match="none of the 2 seed terms can be a token"):
        train_tokenizer(corpus, tmp_path / "out", SMALL, seed=7, seeds=[tmp_path / "terms.txt"])
    assert not (tmp_path / "out").exists()


def test_a_corpus_whose_dictionary_has_no_single_word(corpus, tmp_path):
    documents = [one for one in read_documents(corpus) if one.metadata["kind"] != "dictionary"]
    documents.append(make_document("Beklemeden yapılan itiraz.", kind="dictionary", source="x", term="acele itiraz"))
    write_documents(documents, tmp_path / "other")
    train_tokenizer(tmp_path / "other", tmp_path / "out", SMALL, seed=7)
    record = artifacts.read_record(tmp_path / "out")
    assert record is not None
    assert record.figures["seeds"]["dropped"] == {"several_words": 1}


@pytest.mark.parametrize("name", PRESETS)
def test_presets_in_small(corpus, tmp_path, name):
    """The tokenizers of the papers, with what their families expect of AutoTokenizer."""
    from transformers import AutoTokenizer

    config = PRESETS[name].model_copy(update={"vocab_size": 700})
    (tmp_path / "terms.txt").write_text("Kefil\n")
    train_tokenizer(corpus, tmp_path / "out", config, seed=7, seeds=[tmp_path / "terms.txt"])
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out")
    assert tokenizer.model_max_length == {"hukukbert": 512, "mecellem": 1_024}[name]
    assert tokenizer.pad_token_id == {"hukukbert": 0, "mecellem": 3}[name]
    text = "Müteselsil kefil, TBK'nın 344. maddesi"
    encoded = tokenizer(text, return_offsets_mapping=True)
    assert encoded["input_ids"][0] == tokenizer.cls_token_id
    assert encoded["input_ids"][-1] == tokenizer.sep_token_id
    spans = [text[left:right].strip() for left, right in encoded["offset_mapping"]]
    assert "kefil" in spans
    assert artifacts.read_record(tmp_path / "out").figures["seeds"]["violations"] == 0  # type: ignore[union-attr]
    masked = tokenizer(f"Müteselsil {tokenizer.mask_token} kefil")["input_ids"]
    assert masked.count(tokenizer.mask_token_id) == 1


def test_decoder_family(corpus, tmp_path):
    from transformers import AutoTokenizer

    config = TokenizerConfig(algorithm="bpe.v1", pattern="legal.v1", family="qwen3", vocab_size=600)
    train_tokenizer(corpus, tmp_path / "out", config, seed=7)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out")
    tokenizer.save_pretrained(tmp_path / "again")
    again = AutoTokenizer.from_pretrained(tmp_path / "again")
    text = "Kiracı\n\n kira bedelini 🙂 öder."
    for one in (tokenizer, again):
        ids = one(text)["input_ids"]
        assert ids == load(tmp_path / "out").encode(text).ids
        assert one.decode(ids) == text
        assert one.eos_token == one.pad_token == "<|endoftext|>"
        chat = one.apply_chat_template(
            [{"role": "user", "content": "kira"}], tokenize=False, add_generation_prompt=True
        )
        assert chat == "<|im_start|>user\nkira<|im_end|>\n<|im_start|>assistant\n"
        assert one(chat)["input_ids"][0] == one.convert_tokens_to_ids("<|im_start|>")
    assert tokenizer.convert_tokens_to_ids("<|im_end|>") == len(tokenizer) - 1


def test_weights_change_what_is_learned(corpus, tmp_path):
    plain, weighted = (TokenizerConfig(vocab_size=420, weights=weights) for weights in ({}, {"HUKUK Sözlük": 1_000.0}))
    for name, config in (("plain", plain), ("weighted", weighted)):
        train_tokenizer(corpus, tmp_path / name, config, seed=7)
    assert "koyma" not in load(tmp_path / "plain").get_vocab()
    assert "koyma" in load(tmp_path / "weighted").get_vocab()


def test_segmentation_by_an_analyser(corpus, tmp_path):
    config = TokenizerConfig(vocab_size=600, segmentation="akana.v1")
    train_tokenizer(corpus, tmp_path / "out", config, seed=7)
    train_tokenizer(corpus, tmp_path / "plain", config.model_copy(update={"segmentation": None}), seed=7)
    whole = "kiracının"
    assert len(load(tmp_path / "out").encode(whole, add_special_tokens=False)) > 1
    assert load(tmp_path / "out").get_vocab() != load(tmp_path / "plain").get_vocab()


def test_the_order_of_shards_and_workers_is_no_matter_of_bytes(corpus, tmp_path, monkeypatch):
    """Several shards in several processes give what one process gives."""
    documents = list(read_documents(corpus))
    write_documents(documents, tmp_path / "shards" / "documents", shard_characters=500)
    assert len(list((tmp_path / "shards" / "documents").iterdir())) > 3
    train_tokenizer(tmp_path / "shards", tmp_path / "two", SMALL, seed=7)
    monkeypatch.setattr("mecelle.tokenizer.counting.available_cores", lambda: 1)
    train_tokenizer(tmp_path / "shards", tmp_path / "one", SMALL, seed=7)
    assert artifacts.read_marker(tmp_path / "one").hash == artifacts.read_marker(tmp_path / "two").hash


def test_no_torch_is_needed():
    code = "import sys, mecelle.tokenizer.stage; sys.exit(bool({'torch', 'transformers'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.real_data
def test_real_terms_in_real_decisions(real_data, tmp_path):
    from itertools import islice

    from mecelle.base.collection import read_jsonl

    rows = islice(read_jsonl(real_data / "legal" / "decisions.jsonl.gz"), 100)
    documents = (make_document(row["text"], kind="decision", source=str(n)) for n, row in enumerate(rows))
    write_documents(documents, tmp_path / "corpus" / "documents")
    terms = real_data / "legal" / "legal_terms.jsonl.gz"
    train_tokenizer(tmp_path / "corpus", tmp_path / "out", TokenizerConfig(vocab_size=8_000), seed=7, seeds=[terms])
    tokenizer = load(tmp_path / "out")
    seeds = orjson.loads((tmp_path / "out" / "seeds.json").read_bytes())
    assert len(seeds["kept"]) > 20
    for form in (form for one in seeds["kept"] for form in one["forms"]):
        assert tokenizer.encode(form, add_special_tokens=False).tokens == [form]
        assert form in tokenizer.encode(f"Davacının {form}, 2019/12").tokens


@pytest.mark.parametrize(
    "settings",
    [{"algorithm": "bpe.v1", "pattern": "digits.v1"}, {"pattern": "legal.v1"}, {"family": "qwen3"},
     {"segmentation": "zemberek"}],
)  # fmt: skip
def test_what_cannot_go_together_is_told_before_the_corpus_is_read(corpus, tmp_path, monkeypatch, settings):
    monkeypatch.setattr("mecelle.tokenizer.stage.count_words", lambda *_, **__: pytest.fail("the corpus was read"))
    with pytest.raises(ConfigError):
        train_tokenizer(corpus, tmp_path / "out", TokenizerConfig(**settings), seed=7)


@pytest.mark.parametrize("settings", [{"algorithm": "unigram.v1"}, {"algorithm": "unigram.v1", "pattern": "legal.v1"},
                                      {"algorithm": "bpe.v1", "family": "qwen3"}])  # fmt: skip
def test_transformers_loads_and_saves_each(corpus, tmp_path, settings):
    from transformers import AutoTokenizer

    train_tokenizer(corpus, tmp_path / "made", TokenizerConfig(vocab_size=600, **settings), seed=7)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "made")
    tokenizer.save_pretrained(tmp_path / "again")
    again = AutoTokenizer.from_pretrained(tmp_path / "again")
    for text in ("Kiracının 12 günü, “1 2” şerhi\n\t[TCKN]", "i\u0307stinaf\u200e Şubesi"):
        encoded = tokenizer(text, return_offsets_mapping=True)
        assert again(text, return_offsets_mapping=True) == encoded
        assert max(end for _, end in encoded["offset_mapping"]) <= len(text)
