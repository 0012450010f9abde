"""The stage as a whole: what transformers loads, what is recorded, what is refused."""

import subprocess
import sys

import orjson
import pytest

from mecelle.base import artifacts
from mecelle.base.collection import write_documents
from mecelle.base.document import make_document
from mecelle.base.errors import ConfigError, InputError
from mecelle.tokenizer.stage import TokenizerConfig, train_tokenizer

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
    assert {one["term"]: one["reason"] for one in seeds["dropped"]} == {
        "acele itiraz": "several_words",
        "ıslah": "not_in_corpus",
        "müsadere": "not_in_corpus",
    }


def test_record_holds_counts_and_measures(trained):
    record = artifacts.read_record(trained)
    assert record is not None
    assert record.accounts is not None
    assert record.accounts.seen == record.accounts.kept == 42
    assert record.figures["terms_kept"] == 2
    assert record.figures["seed_tokens"] == 6
    assert record.figures["seed_tokens_never_seen"] == 3  # İstinaf (in the dictionary only), Kefil, KEFİL
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


def test_no_torch_is_needed():
    code = "import sys, mecelle.tokenizer.stage; sys.exit(bool({'torch', 'transformers'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.real_data
def test_real_terms_in_real_decisions(real_data, tmp_path):
    from itertools import islice

    from mecelle.base.collection import read_jsonl
    from mecelle.tokenizer.folder import load

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
