"""What the model knew of a token it still knows under the new tokenizer, in every family; what cannot be is told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer, Qwen3Config, Qwen3ForCausalLM

from mecelle.base import artifacts
from mecelle.base.errors import ArtifactError, MismatchError
from mecelle.encoder.transfer.matching import NONE, match
from mecelle.encoder.transfer.stage import TransferConfig, transfer
from mecelle.encoder.transfer.tables import token_tensors

Save = Callable[..., Path]
OLD = ["dava", "karar", "##lar", "mahkeme", "ret"]
NEW = ["karar", "kararlar", "mahkeme", "##cı", "dava"]
SHARED = "mahkeme dava karar"

CASES = [
    ("modernbert", "wordpiece", OLD),
    ("bert", "wordpiece", OLD),
    ("xlm-roberta", "unigram", ["▁dava", "▁karar", "lar", "▁mahkeme", "▁ret"]),
]


def logits(folder: Path, text: str) -> tuple[Any, torch.Tensor]:
    """The tokenizer in `folder`, and the scores (T, V) of the tokens of a text."""
    model, tokenizer = AutoModelForMaskedLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    with torch.no_grad():
        return tokenizer, model(input_ids=torch.tensor([framed(tokenizer, text)])).logits[0]


def framed(tokenizer: Any, text: str) -> list[int]:
    words = tokenizer(text, add_special_tokens=False).input_ids
    return [tokenizer.cls_token_id, *words, tokenizer.mask_token_id, tokenizer.sep_token_id]


@pytest.mark.parametrize(("family", "maker", "words"), CASES)
def test_text_of_copied_tokens_is_read_as_before(
    build: Any, save: Save, family: str, maker: str, words: list[str]
) -> None:
    old, new = getattr(build, maker)(words), build.wordpiece(NEW)
    source = build.make_model(family, old)
    model = save("model", source, old)
    transfer(model, save("tokenizer", new), model.parent / "out", TransferConfig(), seed=1)

    before, scores_before = logits(model, SHARED)
    after, scores_after = logits(model.parent / "out", SHARED)
    origins = torch.from_numpy(match(old, new))
    kept = origins != NONE
    assert kept.sum() == 8  # three words and five special tokens
    torch.testing.assert_close(scores_after[:, kept], scores_before[:, origins[kept]], atol=1e-4, rtol=1e-4)
    assert after.get_vocab() == new.get_vocab()
    assert framed(after, SHARED) != framed(before, SHARED)


@pytest.mark.parametrize(("family", "maker", "words"), CASES)
def test_rows_biases_and_tied_head(build: Any, save: Save, family: str, maker: str, words: list[str]) -> None:
    old, new = getattr(build, maker)(words), build.wordpiece(NEW)
    source = build.make_model(family, old)
    out = save("model", source, old).parent / "out"
    transfer(out.parent / "model", save("tokenizer", new), out, TransferConfig(), seed=1)
    found = AutoModelForMaskedLM.from_pretrained(out)
    output = found.get_output_embeddings()
    assert output.weight.data_ptr() == found.get_input_embeddings().weight.data_ptr()
    assert [tuple(tensor.shape) for tensor in token_tensors(found)] == [(10, 16), (10,)]
    origins = torch.from_numpy(match(old, new))
    for ours, theirs in zip(token_tensors(found), token_tensors(source), strict=True):
        kept = origins != NONE
        torch.testing.assert_close(ours[kept], theirs[origins[kept]], rtol=0, atol=0)
        wanted = theirs.mean(0).expand_as(ours[~kept])
        torch.testing.assert_close(ours[~kept], wanted, atol=1e-6, rtol=1e-5)
    assert found.config.pad_token_id == new.pad_token_id
    record = artifacts.read_record(out)
    assert record is not None
    assert record.figures["rows"] == {"copied": 8, "mean": 2}
    assert record.figures["overlap"]["share"] == 0.8
    assert set(record.figures["mean_norm"]) == {"copied", "new"}


def test_untied_head_is_transferred_like_the_embedding(build: Any, save: Save) -> None:
    old, new = build.wordpiece(OLD), build.wordpiece(NEW)
    source = build.make_model("bert", old, tie_word_embeddings=False)
    out = save("model", source, old).parent / "out"
    transfer(out.parent / "model", save("tokenizer", new), out, TransferConfig(method="subtoken.v1"), seed=1)
    found = AutoModelForMaskedLM.from_pretrained(out)
    for part in ("get_input_embeddings", "get_output_embeddings"):
        ours, theirs = getattr(found, part)().weight, getattr(source, part)().weight
        assert torch.equal(ours[new.convert_tokens_to_ids("dava")], theirs[old.convert_tokens_to_ids("dava")])
        pieces = theirs[old.convert_tokens_to_ids(["karar", "##lar"])].mean(0)
        torch.testing.assert_close(ours[new.convert_tokens_to_ids("kararlar")], pieces)


def test_no_method_copies_nothing_but_the_body(build: Any, save: Save) -> None:
    tokenizer = build.wordpiece(OLD)
    source = build.make_model("modernbert", tokenizer)
    model = save("model", source, tokenizer)
    transfer(model, model, model.parent / "out", TransferConfig(method=None), seed=1)
    found = AutoModelForMaskedLM.from_pretrained(model.parent / "out")
    assert torch.equal(found.model.layers[1].mlp.Wi.weight, source.model.layers[1].mlp.Wi.weight)
    assert torch.equal(found.head.dense.weight, source.head.dense.weight)
    assert not torch.isclose(found.get_input_embeddings().weight, source.get_input_embeddings().weight).any()
    assert not found.decoder.bias.any()


def test_rows_that_pad_a_vocabulary_are_left_behind(build: Any, save: Save) -> None:
    tokenizer = build.wordpiece(OLD)
    source = build.make_model("bert", tokenizer, padded_to=64)
    model = save("model", source, tokenizer)
    transfer(model, model, model.parent / "out", TransferConfig(), seed=1)
    found = AutoModelForMaskedLM.from_pretrained(model.parent / "out")
    assert found.config.vocab_size == 10
    assert torch.equal(found.get_input_embeddings().weight, source.get_input_embeddings().weight[:10])


def test_overlap_in_running_text_and_same_bytes(build: Any, save: Save) -> None:
    old, new = build.wordpiece(OLD), build.wordpiece(NEW)
    model = save("model", build.make_model("bert", old), old)
    texts = model.parent / "texts.txt"
    texts.write_text("kararlar dava\nmahkeme karar\n", encoding="utf-8")
    hashes = []
    for name in ("a", "b"):
        out = model.parent / name
        transfer(model, save("tokenizer", new), out, TransferConfig(method="random.v1"), seed=1, texts=texts)
        hashes.append(artifacts.read_marker(out).hash)
    assert hashes[0] == hashes[1]
    record = artifacts.read_record(model.parent / "a")
    assert record is not None
    assert (record.figures["overlap"]["running"], record.figures["overlap"]["running_matched"]) == (4, 3)


def test_tokenizer_asks_for_what_the_model_takes(build: Any, save: Save) -> None:
    old, new = build.unigram(["▁dava"]), build.wordpiece(["dava"])
    new.model_max_length = 1024
    model = save("model", build.make_model("xlm-roberta", old), old)
    transfer(model, save("tokenizer", new), model.parent / "out", TransferConfig(), seed=1)
    tokenizer = AutoTokenizer.from_pretrained(model.parent / "out")
    assert tokenizer.model_max_length == 30  # 32 rows of positions, of which pad and what is before take two
    found = AutoModelForMaskedLM.from_pretrained(model.parent / "out")
    encoded = tokenizer(" ".join(["dava"] * 50), truncation=True, return_tensors="pt")
    assert encoded.input_ids.shape == (1, 30)
    assert "token_type_ids" not in encoded
    with torch.no_grad():
        assert found(**encoded).logits.isfinite().all()


def test_tokenizer_asks_for_no_more_than_the_model_was_trained_at(build: Any, save: Save) -> None:
    """Rotary positions go on for ever: only the model's own tokenizer knows."""
    old, new = build.wordpiece(OLD), build.wordpiece(NEW)
    model = build.make_model("modernbert", old)
    old.model_max_length = model.config.max_position_embeddings // 2
    new.model_max_length = model.config.max_position_embeddings
    folder = save("model", model, old)
    transfer(folder, save("tokenizer", new), folder.parent / "out", TransferConfig(), seed=1)
    assert AutoTokenizer.from_pretrained(folder.parent / "out").model_max_length == old.model_max_length


def test_decoder_is_refused(build: Any, save: Save) -> None:
    tokenizer = build.wordpiece(OLD)
    sizes = {"vocab_size": 10, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1}
    decoder = Qwen3ForCausalLM(Qwen3Config(**sizes, num_attention_heads=2, num_key_value_heads=1, head_dim=8))
    model = save("decoder", decoder, tokenizer)
    with pytest.raises(MismatchError, match="a 'qwen3', which is no masked language model"):
        transfer(model, model, model.parent / "out", TransferConfig(), seed=1)


def test_model_without_its_head_is_refused(build: Any, save: Save) -> None:
    tokenizer = build.wordpiece(OLD)
    model = save("model", build.make_model("bert", tokenizer).bert, tokenizer)
    with pytest.raises(ArtifactError, match="without its masked-LM head"):
        transfer(model, model, model.parent / "out", TransferConfig(), seed=1)


def test_tokenizer_without_mask_is_refused(build: Any, save: Save) -> None:
    old = build.wordpiece(OLD)
    model = save("model", build.make_model("bert", old), old)
    chat = build.wordpiece(NEW, specials=["<|end|>", "[UNK]"], eos_token="<|end|>", unk_token="[UNK]")
    with pytest.raises(MismatchError, match="no cls_token, sep_token, pad_token, mask_token"):
        transfer(model, save("tokenizer", chat), model.parent / "out", TransferConfig(), seed=1)


def test_tokenizer_larger_than_the_model_is_refused(build: Any, save: Save) -> None:
    small, large = build.wordpiece(OLD[:2]), build.wordpiece(OLD)
    model = save("model", build.make_model("bert", small), large)
    with pytest.raises(MismatchError, match="10 tokens and the model 7 rows"):
        transfer(model, model, model.parent / "out", TransferConfig(), seed=1)
