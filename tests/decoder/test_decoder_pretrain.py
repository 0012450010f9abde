"""Causal pre-training learns, goes on from other models, loads in plain transformers, and tells what cannot be."""

import importlib.util
import shutil
import signal
from pathlib import Path
from typing import Any

import orjson
import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer, models
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    BertConfig,
    GenerationConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
)

from mecelle.base import artifacts
from mecelle.base.errors import (
    ArtifactError,
    ConfigError,
    InputError,
    Interrupted,
    MismatchError,
    MissingPackageError,
    TrainingError,
)
from mecelle.decoder import initial as initial_module
from mecelle.decoder.config import DecoderConfig, Lora
from mecelle.decoder.initial import packed_initial
from mecelle.decoder.packed_model import PackedCausalLM
from mecelle.decoder.pretrain import pretrain
from mecelle.decoder.shapes import MEDIUM, SMOKE
from mecelle.models.causal import load_text_scorer
from mecelle.training.averaging import average
from mecelle.training.callbacks import ShowProgress
from mecelle.training.lineage import Lineage
from mecelle.training.stretch import Stretch

CONFIG = DecoderConfig(
    shape=SMOKE,
    sequence_length=64,
    budget_tokens=64 * 8 * 20,
    tokens_per_step=64 * 8,
    rows_per_batch=8,
    learning_rate=5e-3,
    evaluation_rows=4,
    evaluations=2,
    logs=10,
    checkpoint_minutes=60,
    precision="fp32",
)
SHORT = CONFIG.model_copy(update={"budget_tokens": 64 * 8 * 3})
SMOLLM = Path.home() / ".cache" / "mecelle" / "models" / "smollm2-135m"


@pytest.fixture(scope="module")
def trained(collection: Path, tokenizer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    pretrain(collection, tokenizer, folder / "decoder", CONFIG, seed=3, work=folder / "work")
    return folder / "decoder"


def curve(folder: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (folder / "curve.jsonl").read_bytes().splitlines()]


def figures(folder: Path) -> dict[str, Any]:
    record = artifacts.read_record(folder)
    assert record is not None
    return record.figures


def test_it_learns_on_the_schedule_of_the_paper(trained: Path) -> None:
    points = curve(trained)
    assert [point["step"] for point in points] == list(range(2, 21, 2))
    assert points[-1]["eval_loss"] < points[0]["train_loss"] - 1
    assert 0.2 < points[-1]["eval_accuracy"] < 1
    assert points[-1]["lr"] == pytest.approx(0.1 * CONFIG.learning_rate, rel=0.2)  # logged before the last step


def test_a_new_model_is_not_taught_at_the_rate_of_an_adaptation_in_silence(
    collection: Path, tokenizer: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for rate, told in ((5e-5, True), (2e-3, False)):
        caplog.clear()
        config = SHORT.model_copy(update={"learning_rate": rate})
        pretrain(collection, tokenizer, tmp_path / str(rate), config, seed=3, work=tmp_path / "work")
        assert ("a new one hardly learns" in caplog.text) is told


def test_it_loads_in_plain_transformers_and_scores_as_it_was_trained(trained: Path, collection: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(trained)
    assert type(model).__name__ == "Qwen3ForCausalLM"
    assert model.config.architectures == ["Qwen3ForCausalLM"]
    assert model.config.use_cache
    assert model.generation_config.use_cache
    tokenizer = AutoTokenizer.from_pretrained(trained)
    assert tokenizer.model_max_length == CONFIG.sequence_length < model.config.max_position_embeddings
    assert (model.config.bos_token_id, model.config.eos_token_id) == (tokenizer.bos_token_id, tokenizer.eos_token_id)
    scores = load_text_scorer(trained).score_texts(["mahkeme karar davacı temyiz dosya"] * 2, context=64)
    assert scores.nats.sum() / scores.tokens.sum() < 3.0  # of 4.4 that chance has among 80


def test_record_and_lineage(trained: Path) -> None:
    artifacts.verify(trained)
    record = artifacts.read_record(trained)
    assert record is not None
    assert record.accounts is not None
    assert record.accounts.seen == 60
    assert record.accounts.dropped["held_out"] >= 1
    lineage = Lineage(trained)
    seen = {document for step in range(1, 21) for document in lineage.documents_of(step)}
    assert len(seen) == record.accounts.kept


def test_a_phase_goes_on_from_the_one_before_with_a_schedule_of_its_own(
    trained: Path, collection: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    average([trained, trained], tmp_path / "mean")  # what late checkpoints become
    ignored = SHORT.model_copy(update={"shape": MEDIUM, "sequence_length": 32})
    pretrain(
        collection, tmp_path / "mean", tmp_path / "next", ignored, seed=4, work=tmp_path / "work",
        initial=tmp_path / "mean",
    )  # fmt: skip
    assert "shape: without effect, since training goes on from" in caplog.text
    points, before = curve(tmp_path / "next"), curve(trained)[-1]
    assert abs(points[0]["train_loss"] - before["train_loss"]) < 0.5
    assert max(point["lr"] for point in points) > 3 * before["lr"]
    record = artifacts.read_record(tmp_path / "next")
    assert record is not None
    assert record.inputs["initial"].hash == artifacts.hash_input(tmp_path / "mean")
    again = AutoModelForCausalLM.from_pretrained(tmp_path / "next")
    assert again.config.dtype == torch.float32
    assert AutoTokenizer.from_pretrained(tmp_path / "next").model_max_length == 64, "what it could read, it still can"


def test_a_stretch_goes_on_with_the_optimizer_and_the_schedule_of_the_one_before(
    collection: Path, tokenizer: Path, tmp_path: Path
) -> None:
    places = [tmp_path / name for name in ("one", "two")]
    for number, place in enumerate(places):
        stretch = Stretch(before=number * SHORT.budget_tokens, whole=2 * SHORT.budget_tokens)
        how = SHORT.model_copy(update={"stretch": stretch, "logs": 3})
        initial = places[0] if number else None
        pretrain(collection, tokenizer, place, how, seed=3, work=tmp_path / "work", initial=initial)
    first, second = (torch.load(place / "optimizer.pt", weights_only=True)["state"][0] for place in places)
    assert (int(first["step"]), int(second["step"])) == (3, 6)
    rates = [point["lr"] for place in places for point in curve(place)]
    assert max(rates) == rates[1], "one warm-up"
    assert rates[1:] == sorted(rates[1:], reverse=True)
    (places[0] / "optimizer.pt").unlink()
    with pytest.raises(ArtifactError, match=r"no optimizer\.pt in it"):
        pretrain(collection, tokenizer, tmp_path / "x", how, seed=3, work=tmp_path / "w", initial=places[0])
    with pytest.raises(ConfigError, match="needs the model of its beginning; give --initial"):
        pretrain(collection, tokenizer, tmp_path / "x", how, seed=3, work=tmp_path / "w")
    assert not (tmp_path / "w").exists()


def test_a_published_model_of_another_family_with_a_head_of_its_own_goes_on(
    trained: Path, collection: Path, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    sizes: dict[str, Any] = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "head_dim": 8}
    config = LlamaConfig(
        vocab_size=96, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64, **sizes,
        tie_word_embeddings=False,
    )  # fmt: skip
    LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(tmp_path / "llama")
    AutoTokenizer.from_pretrained(trained, model_max_length=4096).save_pretrained(tmp_path / "llama")
    model = tmp_path / "llama"
    pretrain(collection, model, tmp_path / "out", SHORT, seed=4, work=tmp_path / "work", initial=model)
    weights = load_file(tmp_path / "out" / "model.safetensors")
    assert weights["lm_head.weight"].shape == weights["model.embed_tokens.weight"].shape == (96, 32)
    assert not torch.equal(weights["lm_head.weight"], weights["model.embed_tokens.weight"])
    assert weights["lm_head.weight"].dtype == torch.float32
    assert AutoConfig.from_pretrained(tmp_path / "out").model_type == "llama"
    assert AutoTokenizer.from_pretrained(tmp_path / "out").model_max_length == 64, "its positions, whatever it claims"
    long = CONFIG.model_copy(update={"sequence_length": 128, "tokens_per_step": 1024})
    with pytest.raises(ConfigError, match="takes texts of 64 tokens at most"):
        pretrain(collection, model, tmp_path / "o", long, seed=4, work=tmp_path / "work", initial=model)


@pytest.mark.slow
def test_smollm2_is_trained_as_it_is_scored() -> None:
    if not SMOLLM.is_dir():
        pytest.skip(f"no model at {SMOLLM}")
    assert packed_initial(SMOLLM).config.model_type == "llama"  # packing was checked on its way


def test_a_model_that_packs_differently_is_refused(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    positions = torch.arange(16)[None]
    monkeypatch.setattr("mecelle.decoder.packed_model.positions_in_pieces", lambda block: positions)
    monkeypatch.setattr(initial_module, "MOST_DIFFERENCE", 1e-5)
    with pytest.raises(MismatchError, match="cannot be trained on packed rows"):
        packed_initial(trained)


def test_trainings_that_share_the_seed_of_the_split_hold_out_the_same_documents(
    collection: Path, tokenizer: Path, tmp_path: Path
) -> None:
    unread = []
    for seed in (3, 4):
        place = tmp_path / str(seed)
        pretrain(collection, tokenizer, place, SHORT, seed=seed, split_seed=3, work=tmp_path / "work")
        lineage = Lineage(place)
        unread.append({one for one in lineage.documents if not lineage.steps_of(one)})
    assert unread[0] & unread[1]
    assert len(list((tmp_path / "work" / "packs").glob("*.lock"))) == 1, "one pack serves both"


def test_where_an_instructed_model_ends_is_kept(trained: Path, collection: Path, tmp_path: Path) -> None:
    begun = shutil.copytree(trained, tmp_path / "begun")
    GenerationConfig(eos_token_id=[1, 2], max_new_tokens=7).save_pretrained(begun)
    pretrain(collection, begun, tmp_path / "out", SHORT, seed=4, work=tmp_path / "work", initial=begun)
    kept = GenerationConfig.from_pretrained(tmp_path / "out")
    assert (kept.eos_token_id, kept.max_new_tokens) == ([1, 2], 7)


def test_adapters_alone_are_trained_and_merged(trained: Path, collection: Path, tmp_path: Path) -> None:
    config = SHORT.model_copy(update={"lora": Lora(rank=2)})
    if importlib.util.find_spec("peft") is None:
        with pytest.raises(MissingPackageError, match=r"pip install -e '.\[lora\]'"):
            pretrain(collection, trained, tmp_path / "o", config, seed=4, work=tmp_path / "work", initial=trained)
        return
    pretrain(collection, trained, tmp_path / "o", config, seed=4, work=tmp_path / "work", initial=trained)
    before, after = load_file(trained / "model.safetensors"), load_file(tmp_path / "o" / "model.safetensors")
    changed = {name for name, weight in before.items() if not torch.equal(weight, after[name])}
    assert after.keys() == before.keys()
    assert changed == {name for name in before if "_proj" in name}
    assert figures(tmp_path / "o")["trained_parameters"] < 0.1 * figures(trained)["parameters"]


def test_recomputing_layers_changes_nothing(collection: Path, tokenizer: Path, tmp_path: Path) -> None:
    curves = []
    for recompute in (False, True):
        out = tmp_path / str(recompute)
        config = SHORT.model_copy(update={"recompute": recompute})
        pretrain(collection, tokenizer, out, config, seed=3, work=tmp_path / "work")
        curves.append(curve(out))
    for one, two in zip(*curves, strict=True):
        assert one == pytest.approx(two, rel=1e-5)


def test_same_seed_same_bytes_other_seed_others(collection: Path, tokenizer: Path, tmp_path: Path) -> None:
    hashes = []
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        pretrain(collection, tokenizer, tmp_path / name, SHORT, seed=seed, work=tmp_path / "work" / name)
        hashes.append(artifacts.read_marker(tmp_path / name).files["model.safetensors"].sha256)
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_run_that_finds_its_rows_packed_saves_the_same_tokenizer(
    collection: Path, tokenizer: Path, tmp_path: Path
) -> None:
    """Also where tokenizer.json says how long texts are cut and padded."""
    given = AutoTokenizer.from_pretrained(tokenizer)
    given.backend_tokenizer.enable_truncation(max_length=20)
    given.backend_tokenizer.enable_padding(length=20)
    given.save_pretrained(tmp_path / "given")
    for out in ("packs", "finds"):
        pretrain(collection, tmp_path / "given", tmp_path / out, SHORT, seed=3, work=tmp_path / "work")
        for folder in (tmp_path / "work").iterdir():
            if folder.name != "packs":
                shutil.rmtree(folder)
    assert artifacts.hash_input(tmp_path / "packs") == artifacts.hash_input(tmp_path / "finds")


def test_asked_to_stop_saves_the_step_and_goes_on_to_the_same_bytes(
    trained: Path, collection: Path, tokenizer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, work, whole = tmp_path / "decoder", tmp_path / "work", ShowProgress.on_step_end

    def ask(self: ShowProgress, args: Any, state: Any, control: Any, **more: Any) -> None:
        whole(self, args, state, control, **more)
        if state.global_step == 7:
            signal.raise_signal(signal.SIGTERM)

    with monkeypatch.context() as patch:
        patch.setattr(ShowProgress, "on_step_end", ask)
        with pytest.raises(Interrupted, match="Stopped after step 7 of 20, saved up to step 7"):
            pretrain(collection, tokenizer, out, CONFIG, seed=3, work=work)
    assert [folder.name for folder in work.glob("*/checkpoints/*")] == ["00000007"]
    pretrain(collection, tokenizer, out, CONFIG, seed=3, work=work)
    assert artifacts.hash_input(out) == artifacts.hash_input(trained)


def test_loss_that_is_no_number_stops_the_run(
    collection: Path, tokenizer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = PackedCausalLM.forward

    def broken(self: Any, **batch: Any) -> Any:
        output = whole(self, **batch)
        output.loss = output.loss * float("nan")
        return output

    monkeypatch.setattr(PackedCausalLM, "forward", broken)
    with pytest.raises(TrainingError, match="step 1: the loss is nan"):
        pretrain(collection, tokenizer, tmp_path / "o", CONFIG, seed=3, work=tmp_path / "work")
    assert not (tmp_path / "o").exists()


def test_what_cannot_be_trained_is_told_before_anything_is_packed(
    trained: Path, collection: Path, tokenizer: Path, tmp_path: Path
) -> None:
    BertConfig().save_pretrained(tmp_path / "bert")
    smaller = AutoModelForCausalLM.from_pretrained(trained).config
    smaller.vocab_size = 70
    smaller.save_pretrained(tmp_path / "smaller")
    shutil.copytree(trained, tmp_path / "foreign")
    words = AutoTokenizer.from_pretrained(trained).backend_tokenizer.get_vocab()
    turned = {word: len(words) - 1 - number for word, number in words.items()}  # as many words, other ids
    backend = Tokenizer(models.WordPiece(turned, unk_token="[UNK]"))
    PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="[UNK]").save_pretrained(tmp_path / "foreign")

    def refused(error: type[Exception], words: str, *, initial: Path | None = None, **change: Any) -> None:
        config = CONFIG.model_copy(update=change)
        with pytest.raises(error, match=words):
            pretrain(collection, tokenizer, tmp_path / "o", config, seed=3, work=tmp_path / "work", initial=initial)

    refused(ConfigError, "optimizer 'adam.v1'", optimizer="adam.v1")
    refused(ConfigError, "schedule 'cosine.v1'", schedule="cosine.v1")
    refused(ConfigError, "exceeds shape.positions", sequence_length=4096, tokens_per_step=4096 * 8)
    refused(MismatchError, "no causal language model of text", initial=tmp_path / "bert")
    refused(MismatchError, "knows 70 tokens", initial=tmp_path / "smaller")
    refused(MismatchError, "another tokenizer than .* such as", initial=tmp_path / "foreign")
    refused(ArtifactError, "no such model folder", initial=tmp_path / "nowhere")
    assert not (tmp_path / "work").exists()
    with pytest.raises(InputError, match="no documents"):
        pretrain(tmp_path / "nowhere", tokenizer, tmp_path / "o", CONFIG, seed=3, work=tmp_path / "work")
