"""Masked adaptation of converted decoders."""

import json
import signal
from contextlib import nullcontext

import numpy as np
import orjson
import pytest
import torch
from sentence_transformers import SentenceTransformer
from transformers import AutoTokenizer, Qwen3Config, Qwen3ForCausalLM
from typer.testing import CliRunner

import mecelle.cli.embedding_models as cli
import mecelle.embedding.conversion.adapt as module
from mecelle.base import artifacts
from mecelle.base.artifacts import read_record
from mecelle.base.errors import ConfigError, InputError, Interrupted, MismatchError
from mecelle.cli.main import app
from mecelle.embedding.conversion.adapt import AdaptConfig, adapt, cut_rows, mask, masked_loss
from mecelle.embedding.conversion.convert import ConversionConfig, convert
from mecelle.embedding.conversion.probe import least_effect_of_last_token

SMALL = {"max_length": 32, "sequence_length": 16, "batch": 4, "steps": 30, "learning_rate": 5e-3, "precision": "fp32"}


def qwen(folder, encoder, *, tied):
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    torch.manual_seed(0)
    model = Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=len(tokenizer), hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2,
            num_key_value_heads=1, head_dim=16, max_position_embeddings=64, tie_word_embeddings=tied,
        )
    )  # fmt: skip
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def decoders(encoder, tmp_path_factory):
    place = tmp_path_factory.mktemp("decoders")
    return {tied: qwen(place / str(tied), encoder, tied=tied) for tied in (True, False)}


@pytest.fixture(scope="module")
def texts(tmp_path_factory, make_pairs):
    path = tmp_path_factory.mktemp("texts") / "texts.jsonl"
    path.write_bytes(b"\n".join(orjson.dumps({"text": pair.document * 3}) for pair in make_pairs(48)))
    return path


def test_as_many_are_masked_in_each_row_and_never_the_first():
    rows = np.arange(60).reshape(3, 20) + 10
    seen, masked = mask(rows, 1, rate=0.2, rng=np.random.default_rng(0))
    assert masked.sum(dim=1).tolist() == [4, 4, 4]
    assert not masked[:, 0].any()
    assert torch.equal(seen == 1, masked)
    assert torch.equal(seen[~masked], torch.from_numpy(rows)[~masked])


@pytest.mark.parametrize(("objective", "back"), [("mntp", 1), ("mlm", 0)])
def test_the_loss_is_that_of_the_states_that_the_objective_names(decoders, objective, back):
    model = Qwen3ForCausalLM.from_pretrained(decoders[False]).eval()
    rows = np.random.default_rng(3).integers(5, 100, (2, 12))
    seen, masked = mask(rows, 4, rate=0.3, rng=np.random.default_rng(1))
    with torch.no_grad():
        found = masked_loss(model, torch.from_numpy(rows), seen, masked, objective=objective)
        logits = model(input_ids=seen).logits.log_softmax(-1)
    expected = [
        -logits[row, place - back, rows[row, place]] for row in range(2) for place in range(12) if masked[row, place]
    ]
    assert float(found) == pytest.approx(float(torch.stack(expected).mean()), abs=1e-5)


@pytest.mark.parametrize("objective", ["mntp", "mlm"])
def test_it_learns_and_can_be_loaded(decoders, texts, tmp_path, objective):
    adapt(
        decoders[True],
        texts,
        tmp_path / "out",
        AdaptConfig(objective=objective, **SMALL),
        seed=3,
        work=tmp_path / "work",
    )
    figures = read_record(tmp_path / "out").figures
    assert figures["last_loss"] < figures["first_loss"] - 0.5
    model = SentenceTransformer(str(tmp_path / "out"), device="cpu")
    assert model.encode("kira").shape == (32,)
    assert least_effect_of_last_token(model[0].auto_model) > 0


def test_a_converted_model_can_be_adapted_and_gives_the_same(decoders, texts, tmp_path):
    convert(decoders[True], tmp_path / "converted", ConversionConfig(max_length=32))
    config = AdaptConfig(**(SMALL | {"steps": 2}))
    for name, start in (("a", decoders[True]), ("b", tmp_path / "converted")):
        adapt(start, texts, tmp_path / name, config, seed=3, work=tmp_path / "work")
    a, b = ((tmp_path / name / "model.safetensors").read_bytes() for name in ("a", "b"))
    assert a == b


@pytest.mark.parametrize("how", ["asked", "killed"])
def test_interrupted_it_goes_on_to_the_same_bytes(encoder, texts, tmp_path, monkeypatch, how):
    """Of a decoder with dropout, whose chance is part of the checkpoint, as is what the curve has not told yet."""
    decoder = qwen(tmp_path / "decoder", encoder, tied=True)
    settings = json.loads((decoder / "config.json").read_text())
    (decoder / "config.json").write_text(json.dumps(settings | {"attention_dropout": 0.3}))
    small = SMALL | {"steps": 9, "log_steps": 4}
    often, seldom = (AdaptConfig(**small, checkpoint_minutes=minutes) for minutes in (1e-9, 60))
    adapt(decoder, texts, tmp_path / "whole", seldom, seed=3, work=tmp_path / "whole.work")
    calls = []

    def struck(rows, mask_id, **given):
        calls.append(1)
        if len(calls) == 6:
            if how == "killed":
                raise OSError("killed")
            signal.raise_signal(signal.SIGTERM)
        return mask(rows, mask_id, **given)

    monkeypatch.setattr(module, "mask", struck)
    with pytest.raises(OSError if how == "killed" else Interrupted):
        adapt(decoder, texts, tmp_path / "out", often if how == "killed" else seldom, seed=3, work=tmp_path / "work")
    assert not (tmp_path / "out").exists()
    adapt(decoder, texts, tmp_path / "out", seldom, seed=3, work=tmp_path / "work")
    assert len(calls) == 9 + (how == "killed"), "it began anew"
    assert (tmp_path / "out" / "curve.jsonl").read_text() == (tmp_path / "whole" / "curve.jsonl").read_text()
    assert artifacts.hash_input(tmp_path / "out") == artifacts.hash_input(tmp_path / "whole")


def test_the_arithmetic_is_that_of_the_device(decoders, texts, tmp_path, monkeypatch):
    asked = []

    def autocast(kind, dtype, *, enabled):
        asked.append((kind, dtype, enabled))
        return nullcontext()

    monkeypatch.setattr(torch, "autocast", autocast)
    config = AdaptConfig(**(SMALL | {"steps": 1, "precision": "bf16"}))
    adapt(decoders[True], texts, tmp_path / "out", config, seed=3, work=tmp_path / "work", device="cpu:0")
    assert asked == [("cpu", torch.bfloat16, True)]
    with pytest.raises(ConfigError, match="device 'nowhere': torch cannot use it"):
        adapt(decoders[True], texts, tmp_path / "no", config, seed=3, work=tmp_path / "work", device="nowhere")


@pytest.mark.parametrize("command", ["adapt", "late"])
def test_the_commands_take_the_usual_device(decoders, encoder, pairs, texts, tmp_path, monkeypatch, command):
    import mecelle.models.loading as loading

    monkeypatch.setattr(loading, "usual_device", lambda: "a card")
    monkeypatch.setattr(cli, "ensure_allocator", lambda settings: None)
    given = {"adapt": [decoders[True], "--texts", texts], "late": [encoder, "--pairs", pairs]}[command]
    result = CliRunner().invoke(app, ["embedding", command, *map(str, given), "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "device 'a card'" in " ".join(result.output.split())


def test_a_head_that_is_gone_is_named(decoders, texts, tmp_path):
    convert(decoders[False], tmp_path / "converted", ConversionConfig(max_length=32))
    with pytest.raises(MismatchError, match="no head any more"):
        adapt(tmp_path / "converted", texts, tmp_path / "out", AdaptConfig(**SMALL), seed=3, work=tmp_path / "work")


def test_too_little_text_and_long_mask_tokens_are_refused(decoders, encoder, tmp_path):
    (tmp_path / "one.txt").write_text("kira")
    with pytest.raises(InputError, match=r"0 rows of 16 tokens; at least 4"):
        adapt(
            decoders[True], tmp_path / "one.txt", tmp_path / "out", AdaptConfig(**SMALL), seed=3, work=tmp_path / "work"
        )
    from mecelle.embedding.conversion.adapt import _mask_id

    tokenizer = AutoTokenizer.from_pretrained(encoder)
    assert _mask_id(tokenizer, AdaptConfig()) == tokenizer.mask_token_id
    tokenizer.mask_token = None
    with pytest.raises(ConfigError, match="choose one that is a single token"):
        _mask_id(tokenizer, AdaptConfig(mask_token="kira mahkeme"))


def test_no_document_is_all_that_is_read_and_rows_are_mixed(tmp_path):
    class Numbers:
        """A tokenizer whose tokens are the numbers of the text."""

        def __call__(self, text, **_):
            return {"input_ids": [int(word) for word in text.split()]}

    config = AdaptConfig(sequence_length=8, batch=4, steps=16)
    lengths = [200, *[4] * 30]
    (tmp_path / "texts.jsonl").write_bytes(
        b"\n".join(orjson.dumps({"text": " ".join([str(n)] * 8 * rows)}) for n, rows in enumerate(lengths))
    )
    rows = cut_rows(Numbers(), tmp_path / "texts.jsonl", config, seed=3)
    owners = rows[:, 0].tolist()
    assert len(owners) == 64
    assert max(map(owners.count, owners)) <= 12
    assert len({tuple(sorted(owners[at : at + 4])) for at in range(0, 64, 4)}) > 12
    assert (cut_rows(Numbers(), tmp_path / "texts.jsonl", config, seed=3) == rows).all()
    assert owners != cut_rows(Numbers(), tmp_path / "texts.jsonl", config, seed=4)[:, 0].tolist()
