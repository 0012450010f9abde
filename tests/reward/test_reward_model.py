"""Train, save, load, score; what is cached; what is refused."""

import shutil
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers import AutoModelForCausalLM, AutoTokenizer

from mecelle.base import artifacts
from mecelle.base.config import parse
from mecelle.base.errors import ArtifactError, ConfigError, InputError, Interrupted
from mecelle.models import precision
from mecelle.reward import features
from mecelle.reward.backbone import LIKELIHOODS, Backbone
from mecelle.reward.config import GateConfig, RegressionConfig, RewardConfig
from mecelle.reward.conversation import Conversation, Tokens, tokens_of
from mecelle.reward.evidence import EVIDENCE
from mecelle.reward.model import RewardModel
from mecelle.reward.objectives import OBJECTIVES
from mecelle.reward.pairs.build import build_reward_pairs
from mecelle.reward.pairs.config import RewardPairsConfig
from mecelle.reward.train import train_reward

CONFIG = RewardConfig(max_length=160, precision="fp32", gate=GateConfig(steps=30))
CASES = [
    Conversation("Süre ne kadardır?", "Süre bir aydır."),
    Conversation("Süre ne kadardır?", "Süre bir ay değildir, uzundur."),
    Conversation("Kira nedir?", "Kira bir sözleşmedir.", "TBK m. 299"),
]


@pytest.fixture(scope="module")
def pairs(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pairs") / "pairs"
    build_reward_pairs(documents, out, RewardPairsConfig(near_question=1.0, questions_per_kind=10), seed=7)
    return out


@pytest.fixture(scope="module")
def model(pairs: Path, backbone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reward")
    train_reward(pairs, backbone, folder / "model", CONFIG, seed=7, work=folder / "work")
    return folder / "model"


def test_score_is_the_sum_of_its_parts(model: Path) -> None:
    judged = RewardModel(model).score(CASES)
    for one in judged:
        assert tuple(one.rewards) == OBJECTIVES
        assert sum(one.gating.values()) == pytest.approx(1.0, abs=1e-6)
        assert all(0 < value < 1 for value in one.rewards.values())
        assert one.score == pytest.approx(sum(one.gating[name] * one.transformed[name] for name in OBJECTIVES))
    assert judged[0].gating == pytest.approx(judged[1].gating, abs=1e-3)  # the same prompt
    assert judged[0].rewards != judged[1].rewards
    assert judged[0].gating != judged[2].gating


def test_loads_alone_and_in_plain_transformers(model: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    shutil.copytree(model, moved)
    assert RewardModel(moved).score(CASES) == RewardModel(model).score(CASES)
    AutoTokenizer.from_pretrained(moved / "backbone")
    AutoModelForCausalLM.from_pretrained(moved / "backbone")


def test_same_seed_same_bytes(pairs: Path, backbone: Path, model: Path, tmp_path: Path) -> None:
    train_reward(pairs, backbone, tmp_path / "again", CONFIG, seed=7, work=tmp_path / "work")
    assert artifacts.read_marker(tmp_path / "again").hash == artifacts.read_marker(model).hash


def test_states_are_computed_once(pairs: Path, backbone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train_reward(pairs, backbone, tmp_path / "one", CONFIG, seed=7, work=tmp_path / "work")

    def refuse(*_: object) -> NDArray[np.float32]:
        raise AssertionError("states were computed again")

    monkeypatch.setattr(Backbone, "states", refuse)
    other = CONFIG.model_copy(update={"regression": RegressionConfig(bounded=False)})
    train_reward(pairs, backbone, tmp_path / "two", other, seed=7, work=tmp_path / "work")
    shorter = CONFIG.model_copy(update={"max_length": 128})
    with pytest.raises(AssertionError, match="computed again"):
        train_reward(pairs, backbone, tmp_path / "three", shorter, seed=7, work=tmp_path / "work")


def test_states_are_those_of_the_last_tokens(backbone: Path) -> None:
    base = Backbone(backbone, CONFIG)
    tokens = base.tokens(CASES)
    together = base.states(tokens)
    plain = AutoModelForCausalLM.from_pretrained(backbone)
    for row, one in enumerate(tokens):
        with torch.inference_mode():
            hidden = plain.model(torch.tensor([list(one.ids)])).last_hidden_state[0]
        expected = torch.cat([hidden[one.prompt - 1], hidden[-1]]).numpy()
        np.testing.assert_allclose(together[row], expected, atol=1e-5)


@pytest.mark.parametrize(
    ("config", "dtype"),
    [
        (RewardConfig(precision="fp32"), torch.float32),
        (RewardConfig(precision="bf16", regression=RegressionConfig(backbone_steps=1)), torch.float32),
        (RewardConfig(precision="bf16"), torch.bfloat16),
    ],
)
def test_weights_that_are_trained_or_wanted_in_fp32_are_not_left_in_bf16(
    backbone: Path, tmp_path: Path, config: RewardConfig, dtype: torch.dtype
) -> None:
    shutil.copytree(backbone, tmp_path / "half")
    AutoModelForCausalLM.from_pretrained(backbone, dtype=torch.bfloat16).save_pretrained(tmp_path / "half")
    base = Backbone(tmp_path / "half", config)
    assert {one.dtype for one in base.model.parameters()} == {dtype}


def test_states_are_read_before_another_run_may_write_them(
    backbone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def lock(path: Path, *, doing: str) -> Iterator[None]:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
        for file in path.parent.glob("*.npy"):  # another run begins to write
            np.lib.format.open_memmap(file, mode="r+")[:] = 0

    monkeypatch.setattr(features, "lock", lock)
    base = Backbone(backbone, CONFIG)
    found, _ = features.cached_states(base, CASES, tmp_path)
    np.testing.assert_array_equal(found, base.states(base.tokens(CASES)).astype(np.float16))


def test_likelihoods_are_those_of_the_answer_alone(backbone: Path) -> None:
    base = Backbone(backbone, CONFIG.model_copy(update={"likelihood": True}))
    tokens = base.tokens(CASES)
    found = base.states(tokens)[:, 2 * base.dimension :]
    plain = AutoModelForCausalLM.from_pretrained(backbone)
    for row, one in enumerate(tokens):
        ids = torch.tensor([list(one.ids)])
        labels = ids.masked_fill(torch.arange(ids.shape[1]) < one.prompt, -100)
        with torch.inference_mode():
            assert found[row, 0] == pytest.approx(-float(plain(ids, labels=labels).loss), abs=1e-5)
        assert found[row, 1] < found[row, 0] < 0 < found[row, 2]


def test_heads_see_likelihoods_and_evidence_if_wanted(pairs: Path, backbone: Path, model: Path, tmp_path: Path) -> None:
    config = CONFIG.model_copy(update={"likelihood": True, "evidence": True})
    train_reward(pairs, backbone, tmp_path / "model", config, seed=7, work=tmp_path / "work")
    rich, bare = RewardModel(tmp_path / "model"), RewardModel(model)
    assert len(rich.parts.heads.weight) == len(bare.parts.heads.weight) + len(LIKELIHOODS) + len(EVIDENCE)
    right, wrong = (Conversation("Kira?", f"{one}: Kira ödenir.", "TBK m. 299") for one in ("TBK m. 299", "TBK m. 313"))
    one, other = rich.score([right, wrong])
    assert one.rewards["statute_reference"] > other.rewards["statute_reference"]
    with pytest.raises(ConfigError, match="likelihood needs all layers"):
        parse(RewardConfig, {"likelihood": True, "layers": 1}, where="test")


def test_a_model_of_another_version_is_refused(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mecelle.reward.model.VERSION", 99)
    with pytest.raises(ArtifactError, match=r"of version \d+ of the stage, expected 99; train it again"):
        RewardModel(model)


def test_fewer_layers_are_saved(pairs: Path, backbone: Path, tmp_path: Path) -> None:
    config = CONFIG.model_copy(update={"layers": 1})
    train_reward(pairs, backbone, tmp_path / "model", config, seed=7, work=tmp_path / "work")
    assert len(RewardModel(tmp_path / "model").backbone.model.layers) == 1
    with pytest.raises(ConfigError, match="layers 3"):
        Backbone(backbone, CONFIG.model_copy(update={"layers": 3}))


def decoded(tokens: Tokens, tokenizer: object) -> str:
    return str(tokenizer.decode(list(tokens.ids)))  # type: ignore[attr-defined]


def test_long_prompts_and_answers_are_cut_and_counted(backbone: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(backbone)
    short = tokens_of(CASES[2], tokenizer, max_length=160)
    assert not short.truncated
    assert decoded(short, tokenizer) == "Soru: Kira nedir?\n\nTBK m. 299\nCevap: Kira bir sözleşmedir.<end>"
    for question, answer in (("Kira " * 200, "Evet."), ("Kira?", "evet " * 200), ("Kira " * 200, "evet " * 200)):
        long = tokens_of(Conversation(question, answer), tokenizer, max_length=100)
        assert long.truncated
        assert len(long.ids) <= 100
        assert long.ids[-1] == tokenizer.eos_token_id
        assert "\nCevap: e" in decoded(long, tokenizer).replace("Evet", "evet")


def test_chat_template_is_used_where_there_is_one(backbone: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(backbone)
    turns = "{% for m in messages %}<{{ m['role'] }}>{{ m['content'] }}{% endfor %}"
    tokenizer.chat_template = turns + "{% if add_generation_prompt %}<a>{% endif %}"
    found = tokens_of(CASES[0], tokenizer, max_length=160)
    assert decoded(found, tokenizer) == "<user>Süre ne kadardır?<a>Süre bir aydır.<end>"


@pytest.mark.parametrize(
    "date",
    [
        "{% if not date_string is defined %}{% set date_string = strftime_now('%d') %}{% endif %}{{ date_string }}",
        "{{ strftime_now('%d %b %Y') }}",
    ],
)
def test_a_conversation_is_the_same_tomorrow(date: str, backbone: Path) -> None:
    """Templates of Llama 3.2 and later tell the date unless they are told it; others, such as SmolLM3's, always."""
    tokenizer = AutoTokenizer.from_pretrained(backbone)
    tokenizer.chat_template = date + ": {{ messages[0]['content'] }}"
    found = decoded(tokens_of(CASES[0], tokenizer, max_length=160), tokenizer)
    assert found.startswith("26 Jul 2024: Süre")


def test_a_trained_backbone_differs_and_goes_on_from_its_checkpoint(
    pairs: Path, backbone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mecelle.reward import tuning

    monkeypatch.setattr(tuning, "CHECKPOINT_MINUTES", 1e-9)  # after each step
    regression = RegressionConfig(backbone_steps=4, backbone_batch=4, backbone_rate=1e-3)
    config = CONFIG.model_copy(update={"regression": regression})
    train_reward(pairs, backbone, tmp_path / "whole", config, seed=7, work=tmp_path / "work")
    step = tuning._step
    calls: list[int] = []

    def killed(*args: object, **more: object) -> float:
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return step(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(tuning, "_step", killed)
    with pytest.raises(KeyboardInterrupt):
        train_reward(pairs, backbone, tmp_path / "resumed", config, seed=7, work=tmp_path / "other")
    train_reward(pairs, backbone, tmp_path / "resumed", config, seed=7, work=tmp_path / "other")
    assert len(calls) == 5  # the step that was killed is done again
    whole, resumed = (artifacts.read_marker(tmp_path / name).hash for name in ("whole", "resumed"))
    assert whole == resumed
    records = [artifacts.read_record(tmp_path / name) for name in ("whole", "resumed")]
    told = [record.figures["backbone_loss"] for record in records if record]
    assert told[0] == told[1], "the losses from before the kill count, too"
    assert told[0]["steps"] == 4
    weights = [AutoModelForCausalLM.from_pretrained(path) for path in (backbone, tmp_path / "whole" / "backbone")]
    assert not torch.equal(weights[0].model.layers[0].mlp.up_proj.weight, weights[1].model.layers[0].mlp.up_proj.weight)


def test_asked_to_stop_saves_the_step(
    pairs: Path, backbone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mecelle.reward import tuning

    regression = RegressionConfig(backbone_steps=3, backbone_batch=4, backbone_rate=1e-3)
    config = CONFIG.model_copy(update={"regression": regression})
    train_reward(pairs, backbone, tmp_path / "whole", config, seed=7, work=tmp_path / "work")
    step = tuning._step
    calls: list[int] = []

    def asked(*args: object, **more: object) -> float:
        calls.append(1)
        if len(calls) == 1:
            signal.raise_signal(signal.SIGTERM)
        return step(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(tuning, "_step", asked)
    with pytest.raises(Interrupted, match="after step 1 of 3, saved"):
        train_reward(pairs, backbone, tmp_path / "resumed", config, seed=7, work=tmp_path / "other")
    train_reward(pairs, backbone, tmp_path / "resumed", config, seed=7, work=tmp_path / "other")
    assert len(calls) == 3  # no step was done twice
    assert artifacts.hash_input(tmp_path / "resumed") == artifacts.hash_input(tmp_path / "whole")


def test_faults_are_told(pairs: Path, backbone: Path, model: Path, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="no such model folder"):
        train_reward(pairs, tmp_path / "absent", tmp_path / "out", CONFIG, seed=7, work=tmp_path / "work")
    with pytest.raises(ArtifactError, match="made by stage 'reward-pairs'"):
        RewardModel(pairs)
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    with pytest.raises(InputError, match="no example in it"):
        train_reward(empty, backbone, tmp_path / "out", CONFIG, seed=7, work=tmp_path / "work")


def test_order_of_conversations_does_not_matter(model: Path) -> None:
    judge = RewardModel(model)

    def scores(cases: Sequence[Conversation]) -> list[float]:
        return [one.score for one in judge.score(cases)]

    assert scores(CASES) == pytest.approx(scores(CASES[::-1])[::-1], abs=1e-3)
    assert judge.score([]) == []


def test_precision_is_chosen_for_the_device_that_is_used(backbone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ "auto" on a processor without bf16 is fp32, also where there is a card that has it."""
    monkeypatch.setattr(precision, "this_machine", lambda: SimpleNamespace(flags=()))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)
    assert Backbone(backbone, RewardConfig(), device="cpu").precision == "fp32"
